// The doors of this room, and the shapes of what they take and give.
#include "network/handlers.h"

page_fn network_list_page, network_topics_page, network_read_page;

SHAPE(network_list_in, FIELD(network_list_in, q, .max = 80, .about = "Part of an organisation, name or of what somebody does."),
      FIELD(network_list_in, county, .max = 40, .choices = "county"), FIELD(network_list_in, subject, .max = 40, .choices = "directory_subject"),
      FIELD(network_list_in, after, .max = 40, .about = "next of the page before."));
SHAPE(network_entry, FIELD(network_entry, person), FIELD(network_entry, name), FIELD(network_entry, organisation), FIELD(network_entry, subject),
      FIELD(network_entry, county, .form = FORM_NULLABLE, .about = "null: the whole country."), FIELD(network_entry, contact),
      FIELD(network_entry, about, .form = FORM_NULLABLE));
SHAPE(network_list_out, FIELD(network_list_out, entries, .of = &network_entry_shape), FIELD(network_list_out, next, .form = FORM_NULLABLE));
SHAPE(network_entry_in, FIELD(network_entry_in, organisation, .required = true, .max = NETWORK_LINE_MAX),
      FIELD(network_entry_in, subject, .required = true, .max = 40, .choices = "directory_subject"),
      FIELD(network_entry_in, county, .max = 40, .choices = "county", .about = "Missing: the whole country."),
      FIELD(network_entry_in, contact, .required = true, .max = NETWORK_LINE_MAX),
      FIELD(network_entry_in, about, .max = NETWORK_ABOUT_MAX, .form = FORM_LINES),
      FIELD(network_entry_in, agree, .about = "That all who sign in see it; needed."));
SHAPE(network_entry_out, FIELD(network_entry_out, person));
SHAPE(network_topics_in, FIELD(network_topics_in, after, .max = 60, .about = "next of the page before."));
SHAPE(network_topic, FIELD(network_topic, id), FIELD(network_topic, person), FIELD(network_topic, name), FIELD(network_topic, subject),
      FIELD(network_topic, title), FIELD(network_topic, at, .form = FORM_TIME), FIELD(network_topic, last_at, .form = FORM_TIME),
      FIELD(network_topic, posts), FIELD(network_topic, closed));
SHAPE(network_topics_out, FIELD(network_topics_out, topics, .of = &network_topic_shape), FIELD(network_topics_out, next, .form = FORM_NULLABLE));
SHAPE(network_topic_in, FIELD(network_topic_in, title, .required = true, .max = NETWORK_LINE_MAX),
      FIELD(network_topic_in, subject, .required = true, .max = 40, .choices = "directory_subject"),
      FIELD(network_topic_in, text, .required = true, .max = NETWORK_TEXT_MAX, .form = FORM_LINES, .about = "Not sealed: nothing of a case."));
SHAPE(network_post, FIELD(network_post, id), FIELD(network_post, person), FIELD(network_post, name), FIELD(network_post, institution),
      FIELD(network_post, at, .form = FORM_TIME), FIELD(network_post, text), FIELD(network_post, removed_why, .form = FORM_NULLABLE));
SHAPE(network_read_out, FIELD(network_read_out, id), FIELD(network_read_out, title), FIELD(network_read_out, subject),
      FIELD(network_read_out, closed), FIELD(network_read_out, posts, .of = &network_post_shape));
SHAPE(network_post_in, FIELD(network_post_in, text, .required = true, .max = NETWORK_TEXT_MAX, .form = FORM_LINES, .about = "Not sealed: nothing of a case."));
SHAPE(network_why_in, FIELD(network_why_in, reason, .required = true, .why = true, .max = NETWORK_LINE_MAX, .about = "Stays in place of the words."));

#define ROW(method_, path_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, .perm = PERM_DIRECTORY, \
    .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}

static const struct route rows[] = {
    ROW(GET, "/directory", network_list, network_list_in, network_list_out, .page = network_list_page,
        .about = "Who works for children online and wants to be found."),
    ROW(POST, "/directory", network_entry, network_entry_in, network_list_out, .page = network_list_page, .fill = network_entry_fill,
        .then = "/directory", .body_max = 16 * 1024, .about = "One's own entry, new or altered."),
    ROW(POST, "/directory/{id}/remove", network_remove, network_remove_in, network_entry_out, .then = "/directory",
        .about = "Takes one's own entry away; a moderator any."),
    ROW(GET, "/topics", network_topics, network_topics_in, network_topics_out, .page = network_topics_page,
        .about = "What is talked about, the newest answer first."),
    ROW(POST, "/topics", network_topic, network_topic_in, network_topics_out, .page = network_topics_page, .fill = network_topic_fill,
        .then = "/topics", .status = 201, .body_max = 64 * 1024, .about = "A new topic; ids of reports, receipts, case numbers and addresses are refused."),
    ROW(GET, "/topics/{id}", network_read, network_read_in, network_read_out, .page = network_read_page, .about = "A topic and its answers."),
    ROW(POST, "/topics/{id}/posts", network_post, network_post_in, network_read_out, .page = network_read_page, .fill = network_post_fill,
        .then = "/topics/{id}", .status = 201, .body_max = 64 * 1024, .about = "An answer; refused as a topic is."),
    ROW(POST, "/topics/{id}/posts/{id2}/remove", network_moderate, network_why_in, network_read_out, .page = network_read_page,
        .fill = network_post_fill, .then = "/topics/{id}", .about = "Takes away the words of an answer: one's own; a moderator any, which is audited."),
    ROW(POST, "/topics/{id}/close", network_close, network_remove_in, network_read_out, .page = network_read_page, .then = "/topics/{id}",
        .about = "No more answers: by who began it or a moderator."),
};
const struct routes network_desk_routes = {"network", rows, sizeof rows / sizeof *rows};
