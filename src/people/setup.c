// What `isigurt init` and `isigurt user` write before or beside the desk.
#include "people/store.h"

#define SETUP_ARENA (1 << 20) // sorting keys of all the pack's institutions

DB_QUERY(setup_unit_sql, "btt", "", "insert into desk.unit (id, institution, room, name) select $1, i.id, $3, '' from desk.institution i "
         "where i.code = $2 and not exists (select 1 from desk.unit u where u.institution = i.id and u.room = $3)");

enum err people_setup_institutions(struct db *db, const struct pack *p)
{
    struct arena *a = NULL;
    enum err e = arena_new(SETUP_ARENA, &a);
    const struct pack_institution *i;
    for (size_t k = 0; e == OK && (i = pack_institution_at(p, k)) != NULL; k++) {
        struct id id;
        e = people_institution_find(db, i->code, &id);
        if (e == ERR_NOT_FOUND) {
            struct people_institution row = {.id = id_random(), .code = i->code, .type = i->type, .name = i->name, .name_en = i->name_en};
            e = institution_add_db(db, a, &row);
        }
    }
    if (e == OK && arena_failed(a)) {
        e = ERR_MEMORY;
    }
    arena_free(&a);
    return e;
}

enum err people_setup_units(struct db *db, const struct pack *p)
{
    enum err e = OK;
    const struct pack_institution *i;
    for (size_t k = 0; e == OK && (i = pack_institution_at(p, k)) != NULL; k++) {
        for (size_t u = 0; e == OK && u < i->n_units; u++) {
            e = db_exec(db, &setup_unit_sql, DB_ARGS(DB_ID(id_random()), DB_T(i->code), DB_T(i->units[u])), NULL);
        }
    }
    return e;
}

enum err people_setup_unit(struct db *db, struct id unit, struct str institution_code, struct str room, struct str name)
{
    struct id institution;
    enum err e = people_institution_find(db, institution_code, &institution);
    return e != OK ? e : unit_add_db(db, unit, institution, room, name);
}

enum err people_setup_person(struct db *db, struct id person, struct str user, struct str name, struct str institution_code,
                             struct str mail, struct str language)
{
    struct arena *a = NULL;
    struct people_person row = {.id = person, .user = user, .name = name, .mail = mail, .language = language};
    enum err e = people_institution_find(db, institution_code, &row.institution);
    if (e == OK) {
        e = arena_new(SETUP_ARENA, &a);
    }
    if (e == OK) {
        e = person_add_db(db, a, &row);
    }
    arena_free(&a);
    return e;
}

enum err people_setup_roles(struct db *db, struct id person, uint32_t roles)
{
    return person_roles_db(db, person, roles);
}

enum err people_setup_disabled(struct db *db, struct id person, bool disabled)
{
    return person_disable_db(db, person, disabled);
}

enum err people_setup_left(struct db *db, struct id person)
{
    return member_clear_db(db, person);
}

enum err people_setup_member(struct db *db, struct id unit, struct id person)
{
    return member_add_db(db, unit, person);
}

enum err people_setup_roster(struct db *db, struct id unit, struct id person, int64_t order)
{
    struct people_slot slot = {.id = id_random(), .unit = unit, .person = person, .ends = INT64_MAX, .place = order};
    return roster_add_db(db, &slot);
}
