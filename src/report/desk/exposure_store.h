// exposure_store: desk.exposure and what lifts its limits.
#pragma once
#include "report/desk/exposure.h"
#include "report/desk/handlers.h"

#define EXPOSURE_KEPT_DAYS 30 // then a worker's days are forgotten
struct exposure_now { struct exposure at; enum exposure_stop stop; int64_t wait, lifted; }; // lifted: until when, or 0
int64_t exposure_day(int64_t now);
MUST_USE enum err exposure_db(struct db *db, struct id person, int64_t now, struct exposure *out);
MUST_USE enum err exposure_now_db(struct db *db, const struct pack *p, struct id person, int64_t now, struct exposure_now *out);
MUST_USE enum err exposure_open_db(struct db *db, const struct pack *p, struct id person, int64_t now); // inside the write
MUST_USE enum err exposure_refuse(struct req *rq, const struct exposure_now *x); // ERR_LIMITED with the kind sentence
