-- Keys of cases that a new one has taken the place of, because a unit left (docs/protocol.md 5 and 8): under these nothing is
-- sealed any more, and a unit's wrap of one opens nothing. mac: as in 0001.

-- schema keeper
create table keeper.replaced (
    home bytea not null,
    kid bytea not null,
    mac bytea not null,
    primary key (home, kid)
);

-- schema desk
alter table desk.case_file add column key_out bytea; -- the unit that was given the key and is not to read on: a new one with the next entry
