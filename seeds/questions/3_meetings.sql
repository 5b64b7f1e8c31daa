-- Meetings and calls: what took place, what is only planned, what was put off or called off?
SELECT
  language,
  modality,
  count(*) AS events,
  count(DISTINCT article_id) AS articles,
  any_value(trigger ORDER BY event_id) AS example
FROM events
JOIN articles USING (article_id)
WHERE act_type = 'CONSULT' AND polarity = 'affirmed'
GROUP BY ALL
ORDER BY language, events DESC
