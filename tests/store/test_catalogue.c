// The two engines' schemas are one schema: same files, tables, columns, keys, indexes, references, numbers of checks.
// Both runs compare the folders; the PostgreSQL run compares the catalogues, with a SQLite store made beside.
#include "store_test.h"
#include "base/file.h"
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CATALOGUE_MAX (1 << 20)
#define LINES_MAX 8192

static const char *const names[4] = {"intake", "reply", "desk", "keeper"};

// One line a fact, the same words from both. %1$s = schema.
static const char sqlite_sql[] =
    "select '%1$s.' || m.name || ' column ' || c.name || ' ' || case lower(c.type) when 'integer' then 'bigint'"
    " when 'real' then 'double' when 'blob' then 'bytea' else lower(c.type) end"
    " || case when c.\"notnull\" or c.pk > 0 then ' not null' else '' end || case when c.pk > 0 then ' key' || c.pk else '' end"
    " || case when c.pk > 0 and m.sql like '%%autoincrement%%' then ' sequence' else '' end"
    " || case when c.hidden in (2, 3) then ' generated' when c.dflt_value is not null then ' default' else '' end"
    " from %1$s.sqlite_schema m join pragma_table_xinfo(m.name, '%1$s') c where m.type = 'table' and m.name not like 'sqlite%%'"
    " union all select '%1$s.' || m.name || ' index' || case when l.origin = 'c' then ' ' || l.name else '' end"
    " || case when l.\"unique\" then ' unique' else '' end || case when l.partial then ' partial' else '' end || ' '"
    " || (select group_concat(name) from pragma_index_info(l.name, '%1$s'))"
    " from %1$s.sqlite_schema m join pragma_index_list(m.name, '%1$s') l where m.type = 'table' and l.origin <> 'pk'"
    " union all select '%1$s.' || m.name || ' reference ' || f.\"from\" || ' %1$s.' || f.\"table\" || '.' || f.\"to\" || ' '"
    " || lower(f.on_delete) from %1$s.sqlite_schema m join pragma_foreign_key_list(m.name, '%1$s') f where m.type = 'table'"
    " union all select '%1$s.' || m.name || ' checks ' || ((length(m.sql) - length(replace(m.sql, 'check (', ''))) / 7)"
    " from %1$s.sqlite_schema m where m.type = 'table' and m.name not like 'sqlite%%'";

static const char postgres_sql[] =
    "select n.nspname || '.' || c.relname || ' column ' || a.attname || ' ' || case t.typname when 'int8' then 'bigint'"
    " when 'float8' then 'double' else t.typname end || case when a.attnotnull then ' not null' else '' end"
    " || coalesce((select ' key' || array_position(k.conkey, a.attnum) from pg_constraint k where k.conrelid = c.oid and"
    " k.contype = 'p' and a.attnum = any (k.conkey)), '') || case when a.attidentity <> '' then ' sequence' else '' end"
    " || case when a.attgenerated <> '' then ' generated' when a.atthasdef then ' default' else '' end"
    " from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
    " and not a.attisdropped join pg_type t on t.oid = a.atttypid where c.relkind = 'r' and n.nspname = '%1$s'"
    " union all select n.nspname || '.' || c.relname || ' index' || case when exists (select 1 from pg_constraint k where"
    " k.conindid = i.indexrelid and k.contype = 'u') then '' else ' ' || x.relname end"
    " || case when i.indisunique then ' unique' else '' end || case when i.indpred is not null then ' partial' else '' end"
    " || ' ' || (select string_agg(a.attname, ',' order by p.at) from unnest(i.indkey::int2[]) with ordinality p (num, at)"
    " join pg_attribute a on a.attrelid = c.oid and a.attnum = p.num)"
    " from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid"
    " join pg_namespace n on n.oid = c.relnamespace where not i.indisprimary and n.nspname = '%1$s'"
    " union all select n.nspname || '.' || c.relname || ' reference ' || a.attname || ' ' || fn.nspname || '.' || f.relname"
    " || '.' || fa.attname || ' ' || case k.confdeltype when 'c' then 'cascade' when 'n' then 'set null' when 'r' then"
    " 'restrict' else 'no action' end from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on"
    " n.oid = c.relnamespace join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace"
    " join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1] join pg_attribute fa on fa.attrelid = f.oid and"
    " fa.attnum = k.confkey[1] where k.contype = 'f' and n.nspname = '%1$s'"
    " union all select n.nspname || '.' || c.relname || ' checks ' || (select count(*) from pg_constraint k where k.conrelid"
    " = c.oid and k.contype = 'c') from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r'"
    " and n.nspname = '%1$s'";

static void catalogue(const char *format, struct buf *out)
{
    for (int k = 0; k < 4; k++) {
        static char sql[16384];
        struct str rest = str_from(format); // printf with a positional argument, by hand: the format is no literal
        size_t n = 0;
        while (rest.n > 0) {
            if (str_starts(rest, "%1$s")) {
                n += (size_t)snprintf(sql + n, sizeof sql - n, "%s", names[k]);
                rest = str_slice(rest, 4, rest.n);
            } else if (str_starts(rest, "%%")) {
                sql[n++] = '%';
                rest = str_slice(rest, 2, rest.n);
            } else {
                sql[n++] = *rest.at;
                rest = str_slice(rest, 1, rest.n);
            }
            assert_true(n < sizeof sql - 64);
        }
        sql[n] = 0;
        store_test_text(sql, out);
    }
    assert_int_equal(buf_ok(out), OK);
}

static int compare(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static size_t sorted_lines(const struct buf *b, struct str out[static LINES_MAX])
{
    size_t n = 0;
    struct str rest = buf_str(b);
    while (rest.n > 0) {
        assert_true(n < LINES_MAX);
        out[n++] = str_cut(&rest, '\n');
    }
    qsort(out, n, sizeof *out, compare);
    return n;
}

static void catalogues_are_equal(void **state)
{
    (void)state;
    if (store_test_sqlite()) return; // the other run compares
    static struct str lines[2][LINES_MAX];
    struct buf text[2], why;
    char dir[PATH_MAX], url[PATH_MAX + 16], sql[PATH_MAX];
    buf_init(&text[0], CATALOGUE_MAX);
    buf_init(&text[1], CATALOGUE_MAX);
    buf_init(&why, 4096);
    catalogue(postgres_sql, &text[0]);
    snprintf(dir, sizeof dir, "%.3000s/beside", store_test_folder());
    snprintf(url, sizeof url, "sqlite:%s", dir);
    snprintf(sql, sizeof sql, "%.4000s/../sqlite", store_test_sql_dir());
    assert_int_equal(store_create(url, sql, NULL, &why), OK);
    store_test_use(url);
    catalogue(sqlite_sql, &text[1]);
    size_t n[2] = {sorted_lines(&text[0], lines[0]), sorted_lines(&text[1], lines[1])}, at[2] = {0, 0};
    int odd = 0;
    while (at[0] < n[0] || at[1] < n[1]) {
        int c = at[0] == n[0] ? 1 : at[1] == n[1] ? -1 : str_compare(lines[0][at[0]], lines[1][at[1]]);
        if (c < 0) print_message("only on PostgreSQL: %.*s\n", STR_ARG(lines[0][at[0]]));
        if (c > 0) print_message("only on SQLite:     %.*s\n", STR_ARG(lines[1][at[1]]));
        at[0] += c <= 0;
        at[1] += c >= 0;
        odd += c != 0;
    }
    assert_int_equal(odd, 0);
    assert_true(n[0] > 100);
    buf_free(&text[0]);
    buf_free(&text[1]);
    buf_free(&why);
}

static int file_names(const char *dir, char out[static 512][128])
{
    DIR *d = opendir(dir);
    assert_non_null(d);
    int n = 0;
    struct dirent *entry;
    while ((entry = readdir(d)) && n < 512)
        if (strstr(entry->d_name, ".sql")) snprintf(out[n++], 128, "%.120s", entry->d_name);
    closedir(d);
    qsort(out, (size_t)n, 128, (int (*)(const void *, const void *))strcmp);
    return n;
}

static void folders_are_equal(void **state)
{
    (void)state;
    static char files[2][512][128];
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%.4000s/../sqlite", store_test_sql_dir());
    int n = file_names(dir, files[0]);
    snprintf(dir, sizeof dir, "%.4000s/../postgres", store_test_sql_dir());
    assert_int_equal(file_names(dir, files[1]), n);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) assert_string_equal(files[0][i], files[1][i]);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_are_equal),
        cmocka_unit_test(catalogues_are_equal),
    };
    return store_test_end(cmocka_run_group_tests(tests, NULL, NULL));
}
