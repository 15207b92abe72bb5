-- 100,000 rows of the register "training" over ten years, of many institutions and counties, with what is counted of them.
pragma synchronous = off;
begin immediate;
create temp table n as with recursive c(i) as (select 1 union all select i + 1 from c where i < :count) select i, abs(random()) as r, abs(random()) as q from c;
create temp table owner as select row_number() over (order by code) as k, id from institution;
insert into entry (id, register, institution, state, stage, day, county, municipality, title, fold, fields, counts, demo, version, corrections, person, at)
select randomblob(16), 'training', (select id from owner where k = 1 + r % (select count(*) from owner)), case when q % 50 = 0 then 'draft' else 'entered' end, '',
       (2017 + i % 10) * 10000 + (1 + r % 12) * 100 + 1 + q % 28, county, '', 'Trajnim ' || i || ' në ' || county, ' trajnim ' || i || ' ne ' || lower(county) || ' salla e bashkise organizator i proves',
       '{"fields":{"title":"Trajnim ' || i || '","topic":"data","audience":"teachers","mode":"online","date":"2020-01-01","county":"' || county || '","note":"' || hex(randomblob(150)) || '"}}',
       q % 50 > 0, 0, 1, 0, (select id from person limit 1), 1600000000000000
from (select i, r, q, case (q >> 16) % 6 when 0 then 'Berat' when 1 then 'Fier' when 2 then 'Vlorë' when 3 then 'Tiranë' when 4 then 'Lezhë' else 'Dibër' end as county from n);
insert into entry_value (entry, field, value, n) select seq, 'topic', case seq % 4 when 0 then 'data' when 1 then 'filters' else 'online_safety' end, 1 from entry where register = 'training'
on conflict do nothing;
insert into entry_value (entry, field, value, n) select seq, 'attendance', 'f.14-17', 1 + seq % 30 from entry where register = 'training' on conflict do nothing;
insert into entry_value (entry, field, value, n) select seq, 'attendance', 'm.14-17', 1 + seq % 20 from entry where register = 'training' on conflict do nothing;
insert into entry_word (entry, register, word) select seq, 'training', value from entry, json_each('["' || replace(trim(fold), ' ', '","') || '"]') where register = 'training'
on conflict do nothing;
insert into entry_word (entry, register, word) select seq, 'training', '=county:' || county from entry where register = 'training' on conflict do nothing;
insert into entry_word (entry, register, word) select seq, 'training', '=state:' || state from entry where register = 'training' on conflict do nothing;
insert into entry_word (entry, register, word) select seq, 'training', '=institution:' || lower(hex(institution)) from entry where register = 'training' on conflict do nothing;
commit;
pragma optimize;
