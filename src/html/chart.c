#include "html/chart.h"

// Units of the picture; it is drawn as wide as its place allows, up to the width that the stylesheet names.
#define WIDE 340
#define ROW 34          // a row: its name above its bar
#define BAR 12
#define SAID 64         // room for the value behind the longest bar
#define TALL 120        // a full column
#define LABEL_MAX 46    // characters of a name that fit

static int64_t full_of(const struct chart_bar *at, size_t n, int64_t most)
{
    for (size_t i = 0; i < n; i++) {
        most = at[i].value > most ? at[i].value : most;
    }
    return most > 0 ? most : 1;
}

// Its share of `room`; never nothing where there is something.
static int64_t length(int64_t value, int64_t full, int64_t room)
{
    int64_t long_ = (int64_t)((double)value * (double)room / (double)full);
    return value <= 0 ? 0 : long_ < 1 ? 1 : long_;
}

static struct str fitting(struct str s)
{
    size_t n = 0, count = 0;
    while (n < s.n && count < LABEL_MAX) {
        n++;
        while (n < s.n && ((unsigned char)s.at[n] & 0xc0) == 0x80) {
            n++;
        }
        count++;
    }
    return (struct str){s.at, n};
}

static void words(struct buf *out, const char *class, const char *anchor, int64_t x, int64_t y, struct str s)
{
    buf_printf(out, "<text class=\"%s\" text-anchor=\"%s\" x=\"%lld\" y=\"%lld\">", class, anchor, (long long)x, (long long)y);
    html_text(out, fitting(s));
    buf_put(out, fitting(s).n < s.n ? STR("…</text>") : STR("</text>"));
}

static void begin(struct buf *out, struct str title, int64_t tall)
{
    buf_printf(out, "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 %d %lld\" aria-label=\"", WIDE, (long long)tall);
    html_text(out, title);
    buf_put(out, STR("\">"));
}

static void bar(struct buf *out, int64_t x, int64_t y, int64_t wide, int64_t tall)
{
    buf_printf(out, "<rect x=\"%lld\" y=\"%lld\" width=\"%lld\" height=\"%lld\" rx=\"1\"/>", (long long)x, (long long)y, (long long)wide,
               (long long)tall);
}

void chart_rows(struct buf *out, struct str title, const struct chart_bar *at, size_t n, int64_t most)
{
    n = n > CHART_BARS_MAX ? CHART_BARS_MAX : n;
    int64_t full = full_of(at, n, most);
    begin(out, title, (int64_t)n * ROW + 2);
    for (size_t i = 0; i < n; i++) {
        int64_t y = (int64_t)i * ROW, wide = length(at[i].value, full, WIDE - SAID);
        words(out, "name", "start", 0, y + 11, at[i].label);
        bar(out, 0, y + 16, wide, BAR);
        words(out, "value", "start", wide + 5, y + 16 + BAR - 1, at[i].said);
    }
    buf_put(out, STR("</svg>"));
}

void chart_columns(struct buf *out, struct str title, const struct chart_bar *at, size_t n, int64_t most)
{
    n = n > 31 ? 31 : n;
    int64_t full = full_of(at, n, most), step = WIDE / (int64_t)(n ? n : 1);
    begin(out, title, TALL + 32);
    for (size_t i = 0; i < n; i++) {
        int64_t x = (int64_t)i * step, tall = length(at[i].value, full, TALL - 4), middle = x + step / 2;
        bar(out, x + 3, TALL + 14 - tall, step - 6, tall);
        words(out, "value small", "middle", middle, TALL + 10 - tall, at[i].said);
        words(out, "name small", "middle", middle, TALL + 28, at[i].label);
    }
    buf_printf(out, "<path d=\"M0 %dH%d\"/></svg>", TALL + 14, WIDE);
}

#define LINE_TALL 90

void chart_line(struct buf *out, struct str title, const struct chart_bar *at, size_t n, int64_t aim)
{
    n = n > 31 ? 31 : n;
    int64_t full = full_of(at, n, aim), step = WIDE / (int64_t)(n ? n : 1), base = LINE_TALL + 18;
    bool on = false;
    begin(out, title, base + 18);
    buf_printf(out, "<path d=\"M0 %lldH%d\"/>", (long long)base, WIDE);
    if (aim >= 0)
        buf_printf(out, "<path class=\"aim\" d=\"M0 %lldH%d\"/>", (long long)(base - length(aim, full, LINE_TALL)), WIDE);
    buf_put(out, STR("<path class=\"line\" d=\""));
    for (size_t i = 0; i < n; i++) {
        if (at[i].value >= 0)
            buf_printf(out, "%c%lld %lld", on ? 'L' : 'M', (long long)((int64_t)i * step + step / 2), (long long)(base - length(at[i].value, full, LINE_TALL)));
        on = at[i].value >= 0;
    }
    buf_put(out, STR("\"/>"));
    for (size_t i = 0; i < n; i++) {
        int64_t x = (int64_t)i * step + step / 2, y = base - (at[i].value < 0 ? 0 : length(at[i].value, full, LINE_TALL));
        if (at[i].value >= 0)
            buf_printf(out, "<circle cx=\"%lld\" cy=\"%lld\" r=\"4\"/>", (long long)x, (long long)y);
        words(out, "value small", "middle", x, y - 8, at[i].said);
        words(out, "name small", "middle", x, base + 14, at[i].label);
    }
    buf_put(out, STR("</svg>"));
}

#define TILE_WIDE 110
#define TILE_TALL 54
#define TILE_GAP 4

void chart_tiles(struct buf *out, struct str title, const struct chart_tile *at, size_t n)
{
    int rows = 1;
    for (size_t i = 0; i < n; i++)
        rows = at[i].row >= rows ? at[i].row + 1 : rows;
    begin(out, title, (int64_t)rows * (TILE_TALL + TILE_GAP));
    for (size_t i = 0; i < n; i++) {
        int64_t x = (int64_t)at[i].col * (TILE_WIDE + TILE_GAP), y = (int64_t)at[i].row * (TILE_TALL + TILE_GAP);
        buf_printf(out, "<g class=\"tile s%d\"><rect x=\"%lld\" y=\"%lld\" width=\"%d\" height=\"%d\" rx=\"2\"/>",
                   at[i].shade, (long long)x, (long long)y, TILE_WIDE, TILE_TALL);
        words(out, "name", "start", x + 7, y + 20, at[i].label);
        words(out, "value", "start", x + 7, y + 42, at[i].said);
        buf_put(out, STR("</g>"));
    }
    buf_put(out, STR("</svg>"));
}
