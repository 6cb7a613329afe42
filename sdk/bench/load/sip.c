// Reading and writing of SIP text. Only what an endpoint of a benchmark needs; RFC 3261 section 7.
#include "load.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct text line_value(struct text line) {
  const char *colon = memchr(line.at, ':', line.length);
  const char *end = line.at + line.length;
  const char *at = colon == NULL ? end : colon + 1;
  while (at < end && (*at == ' ' || *at == '\t')) at++;
  while (end > at && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ')) end--;
  return (struct text){at, (size_t)(end - at)};
}

// Elements of a comma-separated list; commas inside <> or "" do not count.
static void add_routes(struct message *m, struct text value) {
  const char *start = value.at, *end = value.at + value.length;
  bool quoted = false;
  int angle = 0;
  for (const char *p = start; p <= end; p++) {
    if (p < end && *p == '"') quoted = !quoted;
    if (p < end && !quoted && *p == '<') angle++;
    if (p < end && !quoted && *p == '>') angle--;
    if (p == end || (*p == ',' && !quoted && angle == 0)) {
      while (start < p && *start == ' ') start++;
      if (m->routes == ROUTES) fail("more than %d Record-Routes", ROUTES);
      if (p > start) m->route[m->routes++] = (struct text){start, (size_t)(p - start)};
      start = p + 1;
    }
  }
}

static struct text uri_of(struct text value) {
  const char *open = memchr(value.at, '<', value.length);
  if (open != NULL) {
    const char *close = memchr(open, '>', (size_t)(value.at + value.length - open));
    if (close != NULL) return (struct text){open + 1, (size_t)(close - open - 1)};
  }
  const char *semicolon = memchr(value.at, ';', value.length);
  return (struct text){value.at, semicolon == NULL ? value.length : (size_t)(semicolon - value.at)};
}

static bool named(struct text line, size_t name, const char *full, char compact) {
  if (name == 1) return (line.at[0] | 0x20) == compact;
  return name == strlen(full) && strncasecmp(line.at, full, name) == 0;
}

static void read_header(struct message *m, struct text line) {
  size_t name = 0;
  while (name < line.length && line.at[name] != ':' && line.at[name] != ' ') name++;
  switch (line.at[0] | 0x20) {
  case 'v':
    if (named(line, name, "Via", 'v')) {
      if (m->vias == VIAS) fail("more than %d Vias", VIAS);
      m->via[m->vias++] = line;
    }
    break;
  case 'f':
    if (named(line, name, "From", 'f')) m->from = line;
    break;
  case 't':
    if (named(line, name, "To", 't')) m->to = line;
    break;
  case 'i':
    if (name == 1) m->call_id = line;
    break;
  case 'l':
    if (name == 1) m->body_length = strtoul(line_value(line).at, NULL, 10);
    break;
  case 'm':
    if (name == 1) m->contact = uri_of(line_value(line));
    break;
  case 'c':
    if (named(line, name, "Call-ID", 'i')) m->call_id = line;
    else if (named(line, name, "CSeq", 0)) m->cseq = line;
    else if (named(line, name, "Contact", 'm')) m->contact = uri_of(line_value(line));
    else if (named(line, name, "Content-Length", 'l')) m->body_length = strtoul(line_value(line).at, NULL, 10);
    break;
  case 'r':
    if (named(line, name, "Record-Route", 0)) add_routes(m, line_value(line));
    else if (named(line, name, "Retry-After", 0)) m->retry_after = true;
    break;
  }
}

bool sip_read(const char *bytes, size_t length, struct message *m) {
  const char *empty = memmem(bytes, length, "\r\n\r\n", 4);
  if (empty == NULL) return false;
  memset(m, 0, sizeof *m);
  m->head_length = (size_t)(empty + 4 - bytes);
  const char *end = empty + 2, *line = bytes;
  const char *first_end = memchr(line, '\n', (size_t)(end - line)) + 1;
  if (memcmp(line, "SIP/2.0 ", 8) == 0) {
    m->status = atoi(line + 8);
  } else {
    const char *space = memchr(line, ' ', (size_t)(first_end - line));
    if (space == NULL) fail("not SIP: %.*s", (int)(first_end - line), line);
    m->method = (struct text){line, (size_t)(space - line)};
  }
  for (line = first_end; line < end;) {
    const char *next = memchr(line, '\n', (size_t)(end - line)) + 1;
    read_header(m, (struct text){line, (size_t)(next - line)});
    line = next;
  }
  if (m->vias == 0 || m->cseq.at == NULL || m->call_id.at == NULL || m->from.at == NULL || m->to.at == NULL)
    fail("a mandatory header is missing in:\n%.*s", (int)m->head_length, bytes);
  if (m->status != 0) {
    struct text cseq = line_value(m->cseq);
    const char *space = memchr(cseq.at, ' ', cseq.length);
    if (space == NULL) fail("CSeq without method");
    m->method = (struct text){space + 1, (size_t)(cseq.at + cseq.length - space - 1)};
  }
  return true;
}

bool sip_is(struct text t, const char *word) {
  return t.length == strlen(word) && memcmp(t.at, word, t.length) == 0;
}

bool sip_has_to_tag(const struct message *m) {
  return memmem(m->to.at, m->to.length, ";tag=", 5) != NULL;
}

static bool read_hex(const char *at, uint32_t *n) {
  *n = 0;
  for (int i = 0; i < 8; i++) {
    char c = at[i];
    if (c >= '0' && c <= '9') *n = *n << 4 | (uint32_t)(c - '0');
    else if (c >= 'a' && c <= 'f') *n = *n << 4 | (uint32_t)(c - 'a' + 10);
    else return false;
  }
  return true;
}

static bool ours(struct text line, const char *mark, size_t skip, uint32_t *slot, uint32_t *generation, char *kind) {
  size_t length = strlen(mark);
  const char *at = memmem(line.at, line.length, mark, length);
  if (at == NULL || at + length + skip + 16 > line.at + line.length) return false;
  at += length;
  if (kind != NULL) *kind = *at;
  return read_hex(at + skip, slot) && read_hex(at + skip + 8, generation);
}

bool sip_branch(const struct message *m, char *kind, uint32_t *slot, uint32_t *generation) {
  return ours(m->via[0], "z9hG4bKld", 1, slot, generation, kind);
}

bool sip_call(const struct message *m, uint32_t *slot, uint32_t *generation) {
  return ours(m->call_id, " ld", 0, slot, generation, NULL);
}

void put_text(struct buffer *b, struct text t) {
  if (b->length + t.length > b->size) fail("a message is longer than %zu bytes", b->size);
  memcpy(b->at + b->length, t.at, t.length);
  b->length += t.length;
}

void put(struct buffer *b, const char *string) {
  put_text(b, (struct text){string, strlen(string)});
}

void put_number(struct buffer *b, uint32_t n) {
  char digits[10];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + n % 10);
  while ((n /= 10) != 0);
  put_text(b, (struct text){digits + at, sizeof digits - at});
}

void put_hex(struct buffer *b, uint32_t n) {
  static const char hex[] = "0123456789abcdef";
  char digits[8];
  for (int i = 7; i >= 0; i--, n >>= 4) digits[i] = hex[n & 15];
  put_text(b, (struct text){digits, 8});
}
