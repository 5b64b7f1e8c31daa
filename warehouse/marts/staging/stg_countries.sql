-- stg_countries
-- Numbers of the Correlates of War project for the states that the news here names most.
--
-- grain: one state
-- key: country
-- columns:
--   country: ISO 3166-1 alpha-3 code.
--   cow_code: Its number in the Correlates of War list of states.
-- tests:
--   not null: country, cow_code
--   true: length(country) = 3
SELECT country, cow_code
FROM (
  VALUES
    ('USA', 2), ('CAN', 20), ('CUB', 40), ('MEX', 70), ('COL', 100), ('VEN', 101), ('PER', 135), ('BRA', 140),
    ('CHL', 155), ('ARG', 160), ('GBR', 200), ('IRL', 205), ('NLD', 210), ('BEL', 211), ('FRA', 220), ('CHE', 225),
    ('ESP', 230), ('PRT', 235), ('DEU', 255), ('POL', 290), ('AUT', 305), ('HUN', 310), ('CZE', 316), ('ITA', 325),
    ('ALB', 339), ('SRB', 345), ('GRC', 350), ('CYP', 352), ('BGR', 355), ('ROU', 360), ('RUS', 365), ('UKR', 369),
    ('BLR', 370), ('ARM', 371), ('GEO', 372), ('AZE', 373), ('FIN', 375), ('SWE', 380), ('NOR', 385), ('DNK', 390),
    ('MLI', 432), ('SEN', 433), ('MRT', 435), ('NER', 436), ('NGA', 475), ('COD', 490), ('UGA', 500), ('KEN', 501),
    ('SOM', 520), ('DJI', 522), ('ETH', 530), ('ERI', 531), ('ZAF', 560), ('MAR', 600), ('DZA', 615), ('TUN', 616),
    ('LBY', 620), ('SDN', 625), ('SSD', 626), ('IRN', 630), ('TUR', 640), ('IRQ', 645), ('EGY', 651), ('SYR', 652),
    ('LBN', 660), ('JOR', 663), ('ISR', 666), ('SAU', 670), ('YEM', 679), ('KWT', 690), ('BHR', 692), ('QAT', 694),
    ('ARE', 696), ('OMN', 698), ('AFG', 700), ('TKM', 701), ('TJK', 702), ('KGZ', 703), ('UZB', 704), ('KAZ', 705),
    ('CHN', 710), ('PRK', 731), ('KOR', 732), ('JPN', 740), ('IND', 750), ('PAK', 770), ('BGD', 771), ('LKA', 780),
    ('THA', 800), ('VNM', 816), ('MYS', 820), ('PHL', 840), ('IDN', 850), ('AUS', 900), ('NZL', 920)
) AS states (country, cow_code)
