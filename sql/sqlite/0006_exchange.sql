-- Exchange: points of contact, referrals (shared, the owner stays) and transfers (handed over). A referral is a home of its
-- own with a copy of the chosen fields (PROTOCOL, records); its words are case_item rows under its key.

-- schema desk
create table desk.contact (             -- X1: who answers for a unit; a unit without one is a gap
    unit blob not null,
    person blob not null,
    place integer not null check (place in (1, 2, 3)), -- contact, deputy, head
    primary key (unit, place)
) strict;
create table desk.referral (
    seq integer primary key autoincrement,
    id blob not null unique,
    case_id blob not null,
    kind text not null check (kind in ('referral', 'transfer')),
    from_unit blob not null,
    to_unit blob not null,
    purpose text not null,              -- the pack's list referral_purpose
    ground text not null,               -- the pack's list legal_ground
    consent integer not null check (consent in (0, 1)), -- the child or guardian agreed; 0: the ground does without, reason sealed
    urgency integer not null check (urgency between 1 and 4),
    fields text not null,               -- names of the fields shared, comma between: visible at a glance
    state text not null check (state in ('sent', 'accepted', 'declined', 'asked', 'returned', 'done', 'revoked')),
    sent integer not null,
    state_at integer not null,
    answer_due integer not null,        -- when the recipient must have accepted or declined
    climbed integer not null,           -- 0 contact, 1 deputy, 2 head, 3 coordinator
    outcome text,
    kid blob not null,
    generation integer not null,
    version integer not null
) strict;
create index desk.referral_to on referral (to_unit, state, urgency, seq);
create index desk.referral_case on referral (case_id);
create index desk.referral_due on referral (answer_due) where state in ('sent', 'asked');
