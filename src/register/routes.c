// The doors of this room, and the shapes of what they take and give.
#include "register/handlers.h"

page_fn entry_registers_page, entry_list_page, entry_form_page, entry_read_page, entry_import_page;

#define FIELDS_MAX 200 // names and texts of one row, as sent
SHAPE(entry_registers_row, FIELD(entry_registers_row, code), FIELD(entry_registers_row, label), FIELD(entry_registers_row, about),
      FIELD(entry_registers_row, rows, .about = "Entered or confirmed."),
      FIELD(entry_registers_row, waiting, .about = "Of them not confirmed yet, where that is needed."),
      FIELD(entry_registers_row, drafts, .about = "Drafts and returned ones of one's own institution."),
      FIELD(entry_registers_row, gaps, .about = "Rows that nobody fills, such as an empty seat."), FIELD(entry_registers_row, may_add),
      FIELD(entry_registers_row, confirms));
SHAPE(entry_registers_out, FIELD(entry_registers_out, registers, .of = &entry_registers_row_shape));
SHAPE(entry_list_in, FIELD(entry_list_in, code, .max = 30, .about = "Of the register; missing: the first."),
      FIELD(entry_list_in, q, .max = 80, .about = "Words of title, texts and place."),
      FIELD(entry_list_in, county, .max = 40, .choices = "county"), FIELD(entry_list_in, stage, .max = 30), FIELD(entry_list_in, state, .max = 20),
      FIELD(entry_list_in, institution, .max = 20, .about = "Its code."),
      FIELD(entry_list_in, year), FIELD(entry_list_in, after, .max = 40, .about = "next of the page before."));
SHAPE(entry_list_row, FIELD(entry_list_row, id), FIELD(entry_list_row, title), FIELD(entry_list_row, institution), FIELD(entry_list_row, state),
      FIELD(entry_list_row, stage, .form = FORM_NULLABLE), FIELD(entry_list_row, date),
      FIELD(entry_list_row, county, .form = FORM_NULLABLE),
      FIELD(entry_list_row, municipality, .form = FORM_NULLABLE), FIELD(entry_list_row, counts, .about = "Does the plan count it now?"),
      FIELD(entry_list_row, demo), FIELD(entry_list_row, version), FIELD(entry_list_row, gap));
SHAPE(entry_list_out, FIELD(entry_list_out, code), FIELD(entry_list_out, entries, .of = &entry_list_row_shape),
      FIELD(entry_list_out, next, .form = FORM_NULLABLE));
SHAPE(entry_new_in, FIELD(entry_new_in, code, .max = 30));
SHAPE(entry_form_out, FIELD(entry_form_out, id), FIELD(entry_form_out, version));
SHAPE(entry_add_in, FIELD(entry_add_in, code, .required = true, .max = 30),
      FIELD(entry_add_in, institution, .max = 20, .about = "For whom; only with register_all."),
      FIELD(entry_add_in, draft, .about = "Seen by one's own institution only."), FIELD(entry_add_in, fields, .max = FIELDS_MAX, .form = FORM_MAP));
SHAPE(entry_save_in, FIELD(entry_save_in, version, .about = "That was looked at."), FIELD(entry_save_in, draft),
      FIELD(entry_save_in, fields, .max = FIELDS_MAX, .form = FORM_MAP, .about = "All of them: what is missing is empty."));
SHAPE(entry_step, FIELD(entry_step, stage), FIELD(entry_step, date));
SHAPE(entry_history, FIELD(entry_history, version), FIELD(entry_history, at, .form = FORM_TIME), FIELD(entry_history, person), FIELD(entry_history, action),
      FIELD(entry_history, note, .form = FORM_NULLABLE), FIELD(entry_history, state), FIELD(entry_history, stage, .form = FORM_NULLABLE));
SHAPE(entry_read_out, FIELD(entry_read_out, id), FIELD(entry_read_out, code), FIELD(entry_read_out, institution), FIELD(entry_read_out, state),
      FIELD(entry_read_out, stage, .form = FORM_NULLABLE), FIELD(entry_read_out, date), FIELD(entry_read_out, county, .form = FORM_NULLABLE),
      FIELD(entry_read_out, municipality, .form = FORM_NULLABLE), FIELD(entry_read_out, title), FIELD(entry_read_out, fields, .form = FORM_MAP),
      FIELD(entry_read_out, steps, .of = &entry_step_shape), FIELD(entry_read_out, history, .of = &entry_history_shape), FIELD(entry_read_out, version),
      FIELD(entry_read_out, corrections, .about = "Changes made after it counted."), FIELD(entry_read_out, counts),
      FIELD(entry_read_out, demo), FIELD(entry_read_out, gap), FIELD(entry_read_out, files, .of = &evidence_file_shape,
            .about = "Evidence; empty where it is none of one's own institution, nor one's to confirm."));
SHAPE(entry_act_in, FIELD(entry_act_in, version, .about = "That was looked at."), FIELD(entry_act_in, note, .max = ENTRY_REASON_MAX, .form = FORM_LINES));
SHAPE(entry_note_in, FIELD(entry_note_in, version, .about = "That was looked at."),
      FIELD(entry_note_in, note, .required = true, .why = true, .max = ENTRY_REASON_MAX, .form = FORM_LINES));
SHAPE(entry_stage_in, FIELD(entry_stage_in, version, .about = "That was looked at."), FIELD(entry_stage_in, stage, .required = true, .max = 30),
      FIELD(entry_stage_in, date, .required = true, .max = 10, .about = "When it reached the stage."));
SHAPE(entry_csv_in, FIELD(entry_csv_in, code, .max = 30), FIELD(entry_csv_in, county, .max = 40, .choices = "county"), FIELD(entry_csv_in, stage, .max = 30),
      FIELD(entry_csv_in, state, .max = 20), FIELD(entry_csv_in, institution, .max = 20), FIELD(entry_csv_in, year),
      FIELD(entry_csv_in, empty, .about = "The head alone, to be filled in."));
SHAPE(entry_import_in, FIELD(entry_import_in, code, .max = 30));
SHAPE(entry_line, FIELD(entry_line, line), FIELD(entry_line, field, .form = FORM_NULLABLE), FIELD(entry_line, message));
SHAPE(entry_import_out, FIELD(entry_import_out, code), FIELD(entry_import_out, rows), FIELD(entry_import_out, done),
      FIELD(entry_import_out, lines, .of = &entry_line_shape));
SHAPE(entry_upload_in, FIELD(entry_upload_in, code, .required = true, .max = 30), FIELD(entry_upload_in, write, .about = "Missing: looked through only."));

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, .perm = PERM_REGISTER_##perm_, \
    .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}
#define ACT(act_, in_, about_) ROW(POST, "/registers/entries/{id}/" #act_, EDIT, entry_##act_, in_, entry_read_out, .page = entry_read_page, \
    .fill = entry_act_fill, .then = "/registers/entries/{id}", .about = about_)

static const struct route rows[] = {
    ROW(GET, "/registers", READ, entry_registers, entry_registers_in, entry_registers_out, .page = entry_registers_page,
        .about = "Which registers there are, with counts of rows."),
    ROW(GET, "/registers/list", READ, entry_list, entry_list_in, entry_list_out, .page = entry_list_page, .fill = entry_list_fill,
        .about = "Rows of one register, the newest date first."),
    ROW(GET, "/registers/new", EDIT, entry_new, entry_new_in, entry_form_out, .page = entry_form_page, .about = "The form of a new row."),
    ROW(POST, "/registers/entries", EDIT, entry_add, entry_add_in, entry_form_out, .page = entry_form_page, .fill = entry_add_fill, .status = 201,
        .body_max = 64 * 1024, .about = "A new row, entered or as a draft."),
    ROW(GET, "/registers/entries/{id}", READ, entry_read, entry_read_in, entry_read_out, .page = entry_read_page,
        .about = "A row with its stages and its history."),
    ROW(GET, "/registers/entries/{id}/edit", EDIT, entry_edit, entry_read_in, entry_form_out, .page = entry_form_page, .about = "The form of a row."),
    ROW(POST, "/registers/entries/{id}", EDIT, entry_save, entry_save_in, entry_form_out, .page = entry_form_page, .fill = entry_save_fill,
        .body_max = 64 * 1024,
        .about = "A correction: 409 where somebody else was first. What is corrected after it was confirmed waits for confirmation again."),
    ACT(enter, entry_act_in, "A draft or returned row is entered."),
    ACT(confirm, entry_act_in, "By the institution that the country pack names; never by whoever wrote last."),
    ACT(return, entry_note_in, "By the same, with a note."),
    ACT(stage, entry_stage_in, "The row has reached its next stage, as the register's stages allow."),
    ACT(remove, entry_note_in, "Takes a row out; it counts no more, and its history stays."),
    ROW(POST, "/registers/entries/{id}/files", EDIT, entry_file_add, entry_file_in, entry_read_out, .page = entry_read_page, .fill = entry_act_fill,
        .then = "/registers/entries/{id}", .status = 201, .upload = true, .body_max = EVIDENCE_BODY_MAX,
        .about = "An evidence file: multipart/form-data with the part `file`. Its kind is told from its bytes, and its name must agree."),
    ROW(GET, "/registers/entries/{id}/files/{id2}", READ, entry_file, entry_file_in, none, .file_max = EVIDENCE_BODY_MAX,
        .about = "The file, as an attachment; written to the audit."),
    ROW(POST, "/registers/entries/{id}/files/{id2}/remove", EDIT, entry_file_remove, entry_file_in, entry_read_out, .page = entry_read_page,
        .fill = entry_act_fill, .then = "/registers/entries/{id}", .about = "Deletes a file; that it was there stays. 409 where the row is confirmed."),
    ROW(GET, "/registers/csv", READ, entry_csv, entry_csv_in, entry_csv_out, .file_max = ENTRY_OUT_BYTES, .about = "The rows as a table file."),
    ROW(GET, "/registers/import", EDIT, entry_import, entry_import_in, entry_import_out, .page = entry_import_page, .about = "Where a table file is sent in."),
    ROW(POST, "/registers/import", EDIT, entry_upload, entry_upload_in, entry_import_out, .page = entry_import_page, .fill = entry_upload_fill, .upload = true,
        .body_max = ENTRY_IN_BYTES + (64u << 10), .conflict_out = true, .about = "A table file: every bad line named; written as a whole or not at all."),
};
const struct routes register_desk_routes = {"register", rows, sizeof rows / sizeof *rows};
