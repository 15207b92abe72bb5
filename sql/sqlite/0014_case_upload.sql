-- Evidence files of cases. Name, description, key and hash are sealed in the case's item of the same thing; here is what
-- lists and limits need without a key. No hash in the clear: it would tell whoever has the database what is known already.

-- schema desk
create table desk.case_upload (
    id blob primary key not null,
    case_id blob not null,
    person blob not null,
    at integer not null,
    type text not null,                 -- as sniffed from its bytes
    size integer not null,              -- bytes, open
    removed_at integer,                 -- null: it is there
    removed_by blob
) strict;
create index desk.case_upload_case on case_upload (case_id, at);
create table desk.case_upload_piece (   -- the sealed stream, in order of n
    upload blob not null,
    n integer not null,
    sealed blob not null,
    primary key (upload, n)
) strict;
