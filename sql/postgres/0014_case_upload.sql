-- Evidence files of cases. Name, description, key and hash are sealed in the case's item of the same thing; here is what
-- lists and limits need without a key. No hash in the clear: it would tell whoever has the database what is known already.

-- schema desk
create table desk.case_upload (
    id bytea primary key not null,
    case_id bytea not null,
    person bytea not null,
    at bigint not null,
    type text collate "C" not null,                 -- as sniffed from its bytes
    size bigint not null,              -- bytes, open
    removed_at bigint,                 -- null: it is there
    removed_by bytea
);
create index case_upload_case on desk.case_upload (case_id, at);
create table desk.case_upload_piece (   -- the sealed stream, in order of n
    upload bytea not null,
    n bigint not null,
    sealed bytea not null,
    primary key (upload, n)
);
