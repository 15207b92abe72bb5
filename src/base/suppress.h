// suppress: which cells of a published table stay hidden, so that no small number about persons can be read or worked out.
// One function for everything that leaves the program with counts of persons: exports, public pages, the plan.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define SUPPRESS_SIDE_MAX 128 // rows or columns of one table, without the margin

// A table of counts with its margins: (rows + 1) × (cols + 1) cells, row after row; the last row and column are the sums
// and the last cell of all is the grand total. A simple list is a table of one row. hidden: may hold cells that must be
// hidden for other reasons (the same total in another table); on OK it also holds
//   every cell from 1 to least - 1 (primary), and
//   as many others as are needed that none of the hidden cells can be worked out (complementary).
// Zeros are published. The reader is taken to know all published cells with all sums, that counts are whole numbers, and
// that a hidden one is at least 1: each hidden cell still has two or more possible values. A list's row and its margin of
// column sums are hidden together.
// ERR_INVALID: the margins are not the sums, a count is negative, a cell that must be hidden is 0, a side is too long, or
// least < 1; hidden is then all true. With least 1 nothing is hidden but what was, and what that needs.
MUST_USE enum err suppress_table(const int64_t *cell, bool *hidden, size_t rows, size_t cols, int64_t least);

// May the reader of what is not hidden work this hidden cell out? Exact, for tests and for the curious.
MUST_USE enum err suppress_exposed(const int64_t *cell, const bool *hidden, size_t rows, size_t cols, size_t row, size_t col, bool *out);
