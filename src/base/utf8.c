/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

#include "base/list.h"

struct range {
	uint32_t first, last;
};

/* Unicode's East Asian Width W and F, and emoji; in broad strokes, unassigned points included. */
static const struct range wide[] = {
	{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0x33ff },   { 0x3400, 0x4dbf },
	{ 0x4e00, 0x9fff },   { 0xa000, 0xa4cf },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f },
	{ 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

/* Combining marks, joiners and controls: they take no room of their own. */
static const struct range nothing[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x0300, 0x036f }, { 0x200b, 0x200f },
	{ 0x20d0, 0x20ff }, { 0x3099, 0x309a }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
};

static int is_within(const struct range *ranges, size_t n, uint32_t point)
{
	for (size_t i = 0; i < n; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return 1;
	return 0;
}

size_t utf8_decode(const char *text, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	uint32_t p;
	size_t len;

	if (!s[0])
		return 0;
	if (s[0] < 0x80) {
		*point = s[0];
		return 1;
	}
	len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	p = s[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80) /* also the end of the text */
			return 0;
		p = p << 6 | (s[i] & 0x3f);
	}
	if (p < least[len] || p > 0x10ffff || (p >= 0xd800 && p <= 0xdfff))
		return 0;
	*point = p;
	return len;
}

void utf8_clean(char *text)
{
	uint32_t point;

	while (*text) {
		size_t len = utf8_decode(text, &point);

		if (!len)
			*text = '?';
		text += len ? len : 1;
	}
}

size_t utf8_width(const char *text)
{
	size_t width = 0;
	uint32_t point;

	while (*text) {
		size_t len = utf8_decode(text, &point);

		if (!len || !is_within(nothing, ARRAY_LEN(nothing), point))
			width += len && is_within(wide, ARRAY_LEN(wide), point) ? 2 : 1;
		text += len ? len : 1;
	}
	return width;
}
