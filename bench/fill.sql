-- One million reports in the desk's file, as they would stand there after some years: one in ten still new, addresses
-- that repeat (an eighth of all fall on a thousand pages, some pages were reported thousands of times), sealed contents
-- of a real one's size. :unit is the duty unit. What is sealed is random: nothing here is ever opened.
pragma synchronous = off;
pragma cache_size = -1000000;
begin immediate;
create temp table n as with recursive c(i) as (select 1 union all select i + 1 from c where i < :count) select i, abs(random()) as r, abs(random()) as q from c;
insert into report (id, received, category, urgency_computed, in_danger, county, language, kid, thread, thread_kid, lookup, unit, urgency, state,
                    take_due, page_tag, host_tag)
select randomblob(16), at, substr('SEXT GROOMBULLYHATE VIOLCNCII THREA', 1 + 5 * (r % 7), 5), u, u = 1, 'Fier', 'sq', randomblob(16), randomblob(16),
       randomblob(16), randomblob(16), :unit, u,
       case when q % 10 = 0 then 'new' when q % 10 = 1 then 'taken' when q % 10 < 6 then 'answered' else 'closed' end, at + u * 3600000000,
       case when r % 8 = 0 then cast(printf('page%012d', (q >> 8) % 1000) as blob) when r % 64 = 1 then cast(printf('page%012d', 5000 + q % 3) as blob)
            else randomblob(16) end,
       cast(printf('host%012d', r % 997) as blob)
from (select i, r, q, 1600000000000000 + i * 60000000 as at, case when r % 40 = 0 then 1 when r % 40 < 10 then 2 when r % 40 < 36 then 3 else 4 end as u from n);
insert into report_sealed (seq, item, content, unit, epoch, unit_wrap, thread_wrap)
select seq, randomblob(1064), randomblob(16), unit, 1, randomblob(80), randomblob(72) from report where seq not in (select seq from report_sealed);
commit;
pragma optimize;
