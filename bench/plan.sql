-- What the plan's years rest on: 1,000,000 cases (:cases), closed ones with an outcome and a county, and 100,000 rows of registers (:rows)
-- with what they say, all of 2018 to 2020. :unit answers for the cases. Nothing here is ever opened.
pragma synchronous = off;
pragma cache_size = -1000000;
begin immediate;
create temp table place as select column1 as k, column2 as county from (values (0, 'Berat'), (1, 'Dibër'), (2, 'Durrës'), (3, 'Elbasan'), (4, 'Fier'), (5, 'Gjirokastër'),
       (6, 'Korçë'), (7, 'Kukës'), (8, 'Lezhë'), (9, 'Shkodër'), (10, 'Tiranë'), (11, 'Vlorë'));
create temp table ended as select column1 as k, column2 as outcome from (values (0, 'child_safe'), (1, 'content_gone'), (2, 'convicted'), (3, 'advice_given'), (4, 'handed_over'), (5, 'unfounded'));
create temp table n as with recursive c(i) as (select 1 union all select i + 1 from c where i < :cases) select i, abs(random()) as r, abs(random()) as q from c;
insert into case_file (id, number, opened, owner, category, county, urgency, state, version, state_at, outcome, kid, generation)
select randomblob(16), printf('P-%07d', i), at, :unit, 'SEXT', (select county from place where k = r % 12), 1 + q % 4, case when q % 5 = 0 then 'implementing' else 'closed' end, 1,
       at + (q % 720) * 3600000000, case when q % 5 = 0 then null else (select outcome from ended where k = (r >> 8) % 6) end, randomblob(16), 0
from (select i, r, q, 1514800000000000 + (i * 94000000000 / (:cases / 1000)) as at from n);
delete from figure where what = 'outcome';
delete from figure_upto where room = 'outcome';
create temp table owner as select row_number() over (order by code) as k, id from institution;
insert into entry (id, register, institution, state, stage, day, county, municipality, title, fold, fields, counts, demo, version, corrections, person, at)
select randomblob(16), case r % 5 when 0 then 'session' when 1 then 'campaign' else 'training' end, (select id from owner where k = 1 + r % (select count(*) from owner)), 'entered', '',
       (2018 + i % 3) * 10000 + (1 + q % 12) * 100 + 1 + r % 28, (select county from place where k = (q >> 8) % 12), '', 'Rreshti ' || i, ' rreshti ' || i,
       '{"fields":{}}', 1, 0, 1, 0, (select id from person limit 1), 1600000000000000
from n where i <= :rows;
insert into entry_tally (register, entry, institution, county, day, demo, facts)
select register, seq, institution, county, day, 0, 'topic' || char(9) || case seq % 3 when 0 then 'data' else 'filters' end || char(9) || '1' || char(10) || 'audience' || char(9) ||
       case seq % 4 when 0 then 'police' when 1 then 'officials' else 'teachers' end || char(9) || '1' || char(10) || 'mode' || char(9) || case seq % 2 when 0 then 'online' else 'in_person' end ||
       char(9) || '1' || char(10) || 'scope' || char(9) || 'national' || char(9) || '1' || char(10) || 'attendance' || char(9) || 'f.14-17' || char(9) || (1 + seq % 30) || char(10) ||
       'attendance' || char(9) || 'm.14-17' || char(9) || (1 + seq % 20) || char(10) || 'viewers' || char(9) || char(9) || '100' || char(10)
from entry where title like 'Rreshti %';
delete from plan_lock;
commit;
pragma optimize;
