-- What a case's receivers must know, and what they still can open. case_untold: that somebody in the case must not be told, as of which
-- entry; who it is stands sealed in that entry.

-- schema desk
create table desk.case_untold (
    case_id bytea not null,
    person bytea not null,                 -- the thing of the person's entries
    seq bigint not null,                 -- of the entry that marked the person first
    primary key (case_id, person)
);
alter table desk.referral add column untold bigint not null default 0; -- the newest such entry that the receiver knows of, in general
alter table desk.referral add column taken_back bigint; -- when the receiver's copy was closed: declined, or revoked
update desk.referral set taken_back = state_at where state in ('declined', 'revoked');
delete from desk.unit_wrap where exists (select 1 from desk.referral r where r.state = 'declined' and r.id = home and r.to_unit = unit);
-- One transfer of a case at a time: of several that are under way the newest stays.
update desk.referral set state = 'revoked', taken_back = sent where kind = 'transfer' and state in ('sent', 'asked') and exists
    (select 1 from desk.referral n where n.case_id = referral.case_id and n.kind = 'transfer' and n.state in ('sent', 'asked') and n.seq > referral.seq);
delete from desk.unit_wrap where exists (select 1 from desk.referral r where r.state = 'revoked' and r.id = home and r.to_unit = unit);
delete from desk.case_hold where track = 'referral' and exists (select 1 from desk.referral r where r.state = 'revoked' and r.id = thing);
create unique index referral_transfer on desk.referral (case_id) where kind = 'transfer' and state in ('sent', 'asked');
