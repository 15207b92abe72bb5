-- Ten thousand clocks that run out at :due, as the desk and the exchange write them; what is sealed is random, nothing is opened.
begin immediate;
delete from report where kid = :kid;
delete from referral where kid = :kid;
create temp table n as with recursive c(i) as (select 1 union all select i + 1 from c where i < 10000) select i, 1 + i % 4 as u from c;
insert into report (id, received, category, urgency_computed, in_danger, language, kid, thread, thread_kid, lookup, unit, urgency, state, take_due, act_due,
                    climb_at, taken_by, page_tag, host_tag)
select randomblob(16), :due - 3600000000, 'BULLY', u, u = 1, 'sq', :kid, randomblob(16), randomblob(16), randomblob(16), :unit, u,
       iif(i <= 4000, 'new', 'taken'), :due, :due, :due, iif(i <= 4000, null, randomblob(16)), randomblob(16), randomblob(16) from n where i <= 7000;
insert into referral (id, case_id, kind, from_unit, to_unit, purpose, ground, consent, urgency, fields, state, sent, state_at, answer_due, climbed, climb_at,
                      kid, generation, version, elapsed)
select randomblob(16), randomblob(16), 'referral', :unit, :to, 'investigation', 'criminal_procedure', 1, u, 'category', iif(i % 2, 'sent', 'asked'),
       :due - 3600000000, :due - 3600000000, :due, 0, :due, :kid, 0, 1, 1 from n where i > 7000;
commit;
