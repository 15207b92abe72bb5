-- A unit's first key is made by an administrator for its first member, and somebody else confirms it: until then the unit can
-- accept no version of the data-exchange protocol, so nothing is handed to it. A unit without a row is not confirmed.

-- schema keeper
create table keeper.founding (
    unit bytea primary key not null,
    person bytea not null,                 -- the first member; zero: set up by `isigurt init`
    founder bytea not null,                -- the administrator; zero as above
    at bigint not null,
    confirmer bytea not null,              -- zero: nobody yet, or `init`
    confirmed bigint not null,           -- 0: not yet
    mac bytea not null
);

-- schema desk
create table desk.founding (            -- the same for lists; units of before this table are to be confirmed too
    unit bytea primary key not null references desk.unit (id),
    person bytea,                          -- null: unknown
    founder bytea,
    at bigint,
    confirmer bytea,
    confirmed bigint                     -- null: not yet
);
insert into desk.founding (unit) select u.id from desk.unit u where exists (select 1 from desk.member m where m.unit = u.id);
