// handlers: what the rows of this room read and show. Fields behind "for pages" are not in JSON.
#pragma once
#include "network/network.h"
#include "people/people.h"
#include "web/web.h"

#define NETWORK_LINE_MAX 120     // characters of an organisation, contact, title
#define NETWORK_ABOUT_MAX 500    // characters of what one does
#define NETWORK_TEXT_MAX 4000    // characters of an answer
#define NETWORK_PAGE 50          // entries or topics on a page
#define NETWORK_POSTS_MAX 200    // answers of one topic; then a new topic is begun

// Refuses field where text is blank or holds what network_check finds.
MUST_USE enum err network_words(struct req *rq, const char *field, struct str text);

// ── entries.c ──
struct network_list_in { struct str q, county, subject, after; };
struct network_entry {
    struct id person;
    struct str name, organisation, subject, county, contact, about;
    // for pages
    struct str subject_text, county_text;
    bool mine, may_remove;
};
struct network_list_out {
    struct list entries;         // struct network_entry
    struct str next;
    // for pages
    struct list counties, subjects;          // struct choice: of the search
    struct list own_counties, own_subjects;  // of one's own entry
    struct str organisation, contact, about; // one's own
    bool listed;
};
struct network_entry_in { struct str organisation, subject, county, contact, about; bool agree; };
SHAPE_NONE(network_remove_in);
struct network_entry_out { struct id person; };

// ── topics.c ──
struct network_topics_in { struct str after; };
struct network_topic {
    struct id id, person;
    struct str subject, title, name;
    int64_t at, last_at, posts;
    bool closed;
    // for pages
    struct str subject_text, last_text;
};
struct network_topics_out {
    struct list topics;          // struct network_topic, the newest answer first
    struct str next;
    struct list subjects;        // for pages: struct choice
};
struct network_topic_in { struct str title, subject, text; };
struct network_topic_out { struct id id; };
SHAPE_NONE(network_read_in);
struct network_post {
    struct id id, person;
    int64_t at;
    struct str name, institution, text, removed_why;
    // for pages
    struct str at_text;
    bool mine, may_remove, removed;
};
struct network_read_out {
    struct id id;
    struct str title, subject;
    bool closed;
    struct list posts;           // struct network_post, oldest first
    // for pages
    struct str subject_text;
    bool may_write, may_close;
};
struct network_post_in { struct str text; };
struct network_why_in { struct str reason; };

run_fn network_list_run, network_entry_run, network_entry_fill, network_remove_run, network_topics_run, network_topic_run, network_topic_fill,
    network_read_run, network_post_run, network_post_fill, network_moderate_run, network_close_run;
