-- One million reports in the desk's file, as they would stand there after some years: one in ten still new, addresses
-- that repeat (an eighth of all fall on a thousand pages, some pages were reported thousands of times), sealed contents
-- of a real one's size. :unit is the duty unit. What is sealed is random: nothing here is ever opened.
pragma synchronous = off;
pragma cache_size = -1000000;
begin immediate;
create temp table n as with recursive c(i) as (select 1 union all select i + 1 from c where i < :count) select i, abs(random()) as r, abs(random()) as q from c;
insert into report (id, received, category, urgency_computed, in_danger, county, language, kid, thread, thread_kid, lookup, unit, urgency, state,
                    take_due, page_tag, host_tag)
select randomblob(16), at, rtrim(substr('SEXT GROOMBULLYHATE VIOLCNCII SCAM ', 1 + 5 * (r % 7), 5)), u, u = 1, case (q >> 16) % 12 when 0 then 'Berat' when 1 then 'Dibër' when 2 then 'Durrës' when 3 then 'Elbasan' when 4 then 'Fier' when 5 then 'Gjirokastër'
       when 6 then 'Korçë' when 7 then 'Kukës' when 8 then 'Lezhë' when 9 then 'Shkodër' when 10 then 'Tiranë' else 'Vlorë' end, 'sq', randomblob(16), randomblob(16),
       randomblob(16), randomblob(16), :unit, u,
       case when q % 10 = 0 then 'new' when q % 10 = 1 then 'taken' when q % 10 < 6 then 'answered' else 'closed' end, at + u * 3600000000,
       case when r % 8 = 0 then cast(printf('page%012d', (q >> 8) % 1000) as blob) when r % 64 = 1 then cast(printf('page%012d', 5000 + q % 3) as blob)
            else randomblob(16) end,
       cast(printf('host%012d', r % 997) as blob)
from (select i, r, q, 1600000000000000 + i * 60000000 as at, case when r % 40 = 0 then 1 when r % 40 < 10 then 2 when r % 40 < 36 then 3 else 4 end as u from n);
insert into report_sealed (seq, item, content, unit, epoch, unit_wrap, thread_wrap)
select seq, randomblob(1064), randomblob(16), unit, 1, randomblob(80), randomblob(72) from report where seq not in (select seq from report_sealed);
-- One first decision for each that is no longer new or taken, within two days.
insert into step (report, seq, code, at) select id, 2, 'assessed', received + abs(random() % 2880) * 60000000 from report
where state in ('answered', 'closed') on conflict do nothing;
-- 200,000 cases over the same years, four of five closed within sixty days; one in fifty with a criminal route.
insert into case_file (id, number, opened, owner, category, county, urgency, state, version, state_at, kid, generation)
select randomblob(16), printf('%d-%06d', 2020 + i / 90000, i), at, :unit, rtrim(substr('SEXT GROOMBULLYHATE VIOLCNCII SCAM ', 1 + 5 * (r % 7), 5)),
       case q % 3 when 0 then 'Tiranë' when 1 then 'Durrës' else null end, 1 + r % 4, case when q % 5 = 0 then 'implementing' else 'closed' end, 1,
       at + abs(q % 1440) * 3600000000, randomblob(16), 0
from (select i, r, q, 1600000000000000 + i * 300000000 as at from n where i <= :count / 5);
insert into case_route (id, case_id, kind, stage, opened, stage_at, version)
select randomblob(16), id, 'criminal', case seq / 50 % 4 when 0 then 'reported' when 1 then 'investigation' when 2 then 'court' else 'final' end, opened, opened, 1
from case_file where seq % 50 = 0;
commit;
pragma optimize;
