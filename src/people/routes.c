// The doors of this room, and the shapes of what goes in and out.
#include "people/pages.h"
#include "web/seen.h"

SHAPE_NONE(people_nothing);
SHAPE(people_sign_in_in, FIELD(people_sign_in_in, username, .required = true, .max = 100),
      FIELD(people_sign_in_in, password, .required = true, .max = PEOPLE_PASSWORD_MAX, .form = FORM_SECRET),
      FIELD(people_sign_in_in, totp, .required = true, .max = 12, .form = FORM_SECRET, .about = "The six digits of the authenticator app."),
      FIELD(people_sign_in_in, again, .max = 200), FIELD(people_sign_in_in, typed, .max = UNSAVED_MAX)); // last: not for /session
static const struct shape people_session_in_shape = {"people_session_in", sizeof(struct people_sign_in_in), 3, people_sign_in_in_fields, "people_sign_in_in"};
// The empty form: the page reads the same struct as the one that is posted.
static const struct field people_sign_in_form_in_fields[] = {FIELD(people_sign_in_in, again, .max = 200)};
static const struct shape people_sign_in_form_in_shape = {"people_sign_in_form_in", sizeof(struct people_sign_in_in), 1, people_sign_in_form_in_fields,
                                                          "people_sign_in_in"};
SHAPE(people_session_out, FIELD(people_session_out, csrf_token, .about = "To be sent as X-CSRF-Token with every state-changing call."));
SHAPE(people_unit_row, FIELD(people_unit_row, id), FIELD(people_unit_row, institution), FIELD(people_unit_row, room),
      FIELD(people_unit_row, name), FIELD(people_unit_row, members));
SHAPE(people_account_out, FIELD(people_account_out, id), FIELD(people_account_out, username), FIELD(people_account_out, name),
      FIELD(people_account_out, institution), FIELD(people_account_out, roles), FIELD(people_account_out, units, .of = &people_unit_row_shape));
SHAPE(people_password_in, FIELD(people_password_in, old, .required = true, .max = PEOPLE_PASSWORD_MAX, .form = FORM_SECRET),
      FIELD(people_password_in, fresh, .required = true, .max = PEOPLE_PASSWORD_MAX, .form = FORM_SECRET),
      FIELD(people_password_in, totp, .required = true, .max = 12, .form = FORM_SECRET));

SHAPE(people_row, FIELD(people_row, id), FIELD(people_row, username), FIELD(people_row, name), FIELD(people_row, institution),
      FIELD(people_row, roles), FIELD(people_row, disabled));
SHAPE(people_list_in, FIELD(people_list_in, after, .about = "The next of the page before."),
      FIELD(people_list_in, q, .max = 80, .about = "Part of a name or a user name."));
SHAPE(people_list_out, FIELD(people_list_out, people, .of = &people_row_shape), FIELD(people_list_out, next, .form = FORM_NULLABLE));
SHAPE(people_add_in, FIELD(people_add_in, username, .required = true, .max = PEOPLE_USER_MAX),
      FIELD(people_add_in, name, .required = true, .max = PEOPLE_NAME_MAX), FIELD(people_add_in, mail, .max = PEOPLE_MAIL_MAX),
      FIELD(people_add_in, language, .max = 8, .choices = "language"), FIELD(people_add_in, institution, .required = true),
      FIELD(people_add_in, roles, .max = ROLE_COUNT));
SHAPE(people_add_out, FIELD(people_add_out, id), FIELD(people_add_out, password, .about = "Shown once."),
      FIELD(people_add_out, totp_secret, .about = "Shown once; base32."), FIELD(people_add_out, otpauth));
SHAPE(people_person_out, FIELD(people_person_out, id), FIELD(people_person_out, username), FIELD(people_person_out, name),
      FIELD(people_person_out, mail), FIELD(people_person_out, language), FIELD(people_person_out, institution), FIELD(people_person_out, roles),
      FIELD(people_person_out, units, .of = &people_unit_row_shape), FIELD(people_person_out, disabled),
      FIELD(people_person_out, seen, .about = "To be sent back with a change of it."));
// A reset tells the person and, once, what to sign in with.
static const struct field people_reset_out_fields[] = {
    FIELD(people_person_out, id), FIELD(people_person_out, password, .about = "Shown once."),
    FIELD(people_person_out, totp_secret, .about = "Shown once; base32."), FIELD(people_person_out, otpauth)};
static const struct shape people_reset_out_shape = {"people_reset_out", sizeof(struct people_person_out),
                                                    sizeof people_reset_out_fields / sizeof *people_reset_out_fields, people_reset_out_fields,
                                                    "people_person_out"};
SHAPE(people_details_in, FIELD(people_details_in, name, .required = true, .max = PEOPLE_NAME_MAX),
      FIELD(people_details_in, mail, .max = PEOPLE_MAIL_MAX), FIELD(people_details_in, language, .required = true, .max = 8, .choices = "language"),
      FIELD(people_details_in, institution, .required = true), SEEN_FIELD(people_details_in));
SHAPE(people_roles_in, FIELD(people_roles_in, roles, .max = ROLE_COUNT, .about = "All roles that the person shall have; none takes all away."),
      SEEN_FIELD(people_roles_in));
SHAPE(people_disable_in, FIELD(people_disable_in, disabled));

SHAPE(people_institution_row, FIELD(people_institution_row, id), FIELD(people_institution_row, code), FIELD(people_institution_row, type),
      FIELD(people_institution_row, name), FIELD(people_institution_row, name_en), FIELD(people_institution_row, units));
SHAPE(people_institutions_in, FIELD(people_institutions_in, after, .about = "The next of the page before."));
SHAPE(people_institutions_out, FIELD(people_institutions_out, institutions, .of = &people_institution_row_shape),
      FIELD(people_institutions_out, next, .form = FORM_NULLABLE));
SHAPE(people_institution_add_in, FIELD(people_institution_add_in, code, .required = true, .max = 20),
      FIELD(people_institution_add_in, type, .required = true, .max = 40, .choices = "institution_type"),
      FIELD(people_institution_add_in, name, .required = true, .max = 200), FIELD(people_institution_add_in, name_en, .max = 200));
SHAPE(people_units_in, FIELD(people_units_in, type, .max = 40, .choices = "institution_type", .about = "Only units of institutions of this type."),
      FIELD(people_units_in, q, .max = 80, .about = "Part of a name."));
SHAPE(people_units_out, FIELD(people_units_out, units, .of = &people_unit_row_shape));
SHAPE(people_unit_add_in, FIELD(people_unit_add_in, institution, .required = true),
      FIELD(people_unit_add_in, room, .required = true, .max = 40, .choices = "room"));
SHAPE(people_unit_out, FIELD(people_unit_out, id), FIELD(people_unit_out, institution), FIELD(people_unit_out, room),
      FIELD(people_unit_out, name), FIELD(people_unit_out, members, .of = &people_row_shape));
SHAPE(people_founding_row, FIELD(people_founding_row, unit), FIELD(people_founding_row, institution), FIELD(people_founding_row, room),
      FIELD(people_founding_row, person, .about = "The first member; empty: unknown."), FIELD(people_founding_row, founder, .about = "The administrator."),
      FIELD(people_founding_row, confirmer), FIELD(people_founding_row, at, .form = FORM_TIME, .about = "Null: unknown."),
      FIELD(people_founding_row, confirmed, .form = FORM_TIME, .about = "Null: not yet; then nothing can be handed to this unit."));
SHAPE(people_foundings_out, FIELD(people_foundings_out, foundings, .of = &people_founding_row_shape));
SHAPE(people_member_in, FIELD(people_member_in, person, .required = true));

SHAPE(people_slot_row, FIELD(people_slot_row, id), FIELD(people_slot_row, person), FIELD(people_slot_row, name),
      FIELD(people_slot_row, starts, .form = FORM_TIME, .about = "Null: since ever."),
      FIELD(people_slot_row, ends, .form = FORM_TIME, .about = "Null: until further notice."), FIELD(people_slot_row, place),
      FIELD(people_slot_row, works, .about = "False: disabled, or no member any more, so nobody is called."));
SHAPE(people_gap_row, FIELD(people_gap_row, from, .form = FORM_TIME), FIELD(people_gap_row, to, .form = FORM_TIME));
SHAPE(people_roster_in, FIELD(people_roster_in, unit, .about = "Missing: the first of one's own."));
SHAPE(people_roster_add_in, FIELD(people_roster_add_in, unit, .required = true), FIELD(people_roster_add_in, person, .required = true),
      FIELD(people_roster_add_in, starts, .required = true, .max = 30, .about = "2026-11-23T20:00 on the clock here, or with Z by UTC."),
      FIELD(people_roster_add_in, ends, .max = 30, .about = "Missing: until further notice."),
      FIELD(people_roster_add_in, place, .required = true, .about = "1 to 9; 1 is called first."));
SHAPE(people_roster_out, FIELD(people_roster_out, unit, .form = FORM_NULLABLE), FIELD(people_roster_out, on_call, .of = &people_slot_row_shape),
      FIELD(people_roster_out, slots, .of = &people_slot_row_shape), FIELD(people_roster_out, gaps, .of = &people_gap_row_shape));

#define ROW(name_, method_, path_, perm_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, .perm = PERM_##perm_, \
    .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}

static const struct route rows[] = {
    ROW(people_home, GET, "/", SIGNED_IN, people_nothing, people_nothing, .page_only = true, .then = "/account"),
    ROW(people_sign_in_form, GET, "/sign-in", PUBLIC, people_sign_in_form_in, people_nothing, .page = people_sign_in_page, .page_only = true,
        .run_refused = true),
    ROW(people_sign_in, POST, "/sign-in", PUBLIC, people_sign_in_in, people_nothing, .page = people_sign_in_page, .page_only = true,
        .body_max = 2 * UNSAVED_MAX),
    ROW(people_sign_out, POST, "/sign-out", SIGNED_IN, people_nothing, people_nothing, .page_only = true, .then = "/sign-in"),
    ROW(people_session, POST, "/session", PUBLIC, people_session_in, people_session_out,
        .about = "Signs in: sets the session cookie. A wrong name, password or code get the same answer."),
    ROW(people_session_end, DELETE, "/session", SIGNED_IN, people_nothing, people_nothing, .about = "Signs out."),
    ROW(people_account, GET, "/account", SIGNED_IN, people_nothing, people_account_out, .page = people_account_page, .about = "Who is signed in."),
    ROW(people_password, POST, "/account/password", SIGNED_IN, people_password_in, people_account_out, .page = people_account_page,
        .fill = people_account_run, .about = "Changes one's own password; ends all other sessions."),
    ROW(people_end, POST, "/account/end", SIGNED_IN, people_nothing, people_nothing, .then = "/sign-in",
        .about = "Signs out everywhere, here too."),

    ROW(people_list, GET, "/people", PEOPLE_LIST, people_list_in, people_list_out, .page = people_list_page, .about = "Persons by name."),
    ROW(people_add_form, GET, "/people/add", PEOPLE_ADMIN, people_nothing, people_add_out, .page = people_add_page, .page_only = true),
    ROW(people_add, POST, "/people", PEOPLE_ADMIN, people_add_in, people_add_out, .page = people_add_page, .fill = people_add_fill,
        .status = 201, .about = "Adds a person; the answer holds, once, what to sign in with."),
    ROW(people_person, GET, "/people/{id}", PEOPLE_LIST, people_nothing, people_person_out, .page = people_person_page, .about = "One person."),
    ROW(people_details, POST, "/people/{id}", PEOPLE_ADMIN, people_details_in, people_person_out, .page = people_person_page,
        .fill = people_person_fill, .then = "/people/{id}", .about = "Changes name, mail address, language and institution."),
    ROW(people_roles, POST, "/people/{id}/roles", PEOPLE_ADMIN, people_roles_in, people_person_out, .page = people_person_page,
        .fill = people_person_fill, .then = "/people/{id}", .about = "Sets the roles of another person."),
    ROW(people_disable, POST, "/people/{id}/disable", PEOPLE_ADMIN, people_disable_in, people_person_out, .page = people_person_page,
        .fill = people_person_fill, .then = "/people/{id}", .about = "Disables another person, or enables again."),
    ROW(people_reset, POST, "/people/{id}/reset", PEOPLE_ADMIN, people_nothing, people_reset_out, .page = people_person_page,
        .about = "A new password and a new key for another person, who must then be admitted to each unit again."),
    ROW(people_sessions, POST, "/people/{id}/end", PEOPLE_ADMIN, people_nothing, people_person_out, .page = people_person_page,
        .then = "/people/{id}", .about = "Ends another person's sessions."),

    ROW(people_institutions, GET, "/institutions", PEOPLE_LIST, people_institutions_in, people_institutions_out,
        .page = people_institutions_page, .about = "Institutions by name."),
    ROW(people_institution_add, POST, "/institutions", PEOPLE_ADMIN, people_institution_add_in, people_institutions_out,
        .page = people_institutions_page, .fill = people_institutions_fill, .then = "/institutions", .status = 201, .body_max = 8 * 1024,
        .about = "Adds an institution."),
    ROW(people_units, GET, "/units", PEOPLE_LIST, people_units_in, people_units_out, .page = people_units_page,
        .about = "Units with a name: their own, or their institution's."),
    ROW(people_unit_add, POST, "/units", PEOPLE_ADMIN, people_unit_add_in, people_units_out, .page = people_units_page,
        .fill = people_units_fill, .then = "/units", .status = 201, .about = "Adds a unit: one institution, one room."),
    ROW(people_unit, GET, "/units/{id}", PEOPLE_LIST, people_nothing, people_unit_out, .page = people_unit_page, .about = "A unit and its members."),
    ROW(people_admit, POST, "/units/{id}/members", UNIT_ADMIT, people_member_in, people_unit_out, .page = people_unit_page,
        .fill = people_unit_run, .then = "/units/{id}", .about = "A member gives the unit's key to another person."),
    ROW(people_begin, POST, "/units/{id}/first", PEOPLE_ADMIN, people_member_in, people_unit_out, .page = people_unit_page,
        .fill = people_unit_run, .then = "/units/{id}", .about = "Makes the key of a unit that has none, for its first member, who is somebody else."),
    ROW(people_foundings, GET, "/foundings", UNIT_CONFIRM, people_nothing, people_foundings_out, .page = people_foundings_page,
        .about = "Units that got their first member from an administrator, those first that nobody has confirmed."),
    ROW(people_confirm, POST, "/units/{id}/confirm", UNIT_CONFIRM, people_nothing, people_foundings_out, .page = people_foundings_page,
        .then = "/foundings", .about = "Says that a unit was founded by right. Neither its founder nor its first member, nor anybody who makes accounts."),
    ROW(people_remove, POST, "/units/{id}/members/{id2}/remove", UNIT_ADMIT, people_nothing, people_unit_out, .page = people_unit_page,
        .then = "/units/{id}", .about = "Takes a member out: the unit gets a new key that the others hold."),
    ROW(people_rotate, POST, "/units/{id}/rotate", UNIT_ADMIT, people_nothing, people_unit_out, .page = people_unit_page,
        .then = "/units/{id}", .about = "A new key for the unit, for the same members."),

    ROW(people_roster, GET, "/roster", PEOPLE_LIST, people_roster_in, people_roster_out, .page = people_roster_page,
        .about = "Who is on call for a unit: now, from now on, and when nobody is."),
    ROW(people_roster_add, POST, "/roster", ROSTER_EDIT, people_roster_add_in, people_roster_out, .page = people_roster_page,
        .fill = people_roster_fill, .status = 201, .about = "Adds a slot."),
    ROW(people_roster_remove, POST, "/roster/{id}/remove", ROSTER_EDIT, people_nothing, people_roster_out, .page = people_roster_page,
        .about = "Removes a slot."),
};

const struct routes people_desk_routes = {"people", rows, sizeof rows / sizeof *rows};
