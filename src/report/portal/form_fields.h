// The table of the form's answers: name, place, and the step that asks for it. Used by the form's files only.
#pragma once
#include "report/portal/form.h"

#define FORM_FIELDS 15
struct form_field { const char *name; size_t at; enum form_step step; };
extern const struct form_field form_fields[FORM_FIELDS];
struct str *form_value(struct form_answers *a, size_t i);
