// Transactions of the two thousand users: requests out, retransmission on UDP (RFC 3261 17.1, T1 500 ms), answers of
// the called side, and the count of what became of each.
#include "load.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS (1u << 18)
#define T1 0.5
#define T2 4.0
#define REQUEST_SIZE 1536
#define ANSWER_SIZE 1792

static const char *const VIA_NAME[] = {"UDP", "TCP", "TLS"};
static const char *const URI_TRANSPORT[] = {"", ";transport=tcp", ";transport=tls"};
static const char TEXT[] = "Is the meeting still at three this afternoon?";
static const char SDP[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\n"
                          "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";

// One transaction (one call: INVITE, then BYE) of ours. Found again by the number in branch and Call-ID.
struct slot {
  uint32_t generation;
  char kind; // 0 free, 'r' REGISTER, 'm' MESSAGE, 'i' INVITE, 'b' BYE
  bool acknowledged;
  int user, peer;
  double due, expires;
  double again, interval; // next retransmission of request; 0: none
  double answer_again, answer_interval; // of the 200 to INVITE, until the ACK is there
  struct connection *answerer;
  size_t request_length, answer_length;
  char request[REQUEST_SIZE], answer[ANSWER_SIZE];
};

struct counts counts;
uint32_t open_transactions;
static struct slot *slots;
static uint32_t *register_cseq; // of each user
static uint32_t *free_slots, free_count, used_slots; // slots from used_slots on were never taken
static uint64_t random_state;
static int next_user;

void traffic_init(void) {
  slots = calloc(SLOTS, sizeof *slots); // pages come as they are used
  free_slots = calloc(SLOTS, sizeof *free_slots);
  register_cseq = calloc((size_t)options.users, sizeof *register_cseq);
  random_state = options.seed * 2654435769u + 1;
}

void traffic_reset(void) {
  memset(&counts, 0, sizeof counts);
  if (open_transactions == 0) used_slots = free_count = 0;
}

static uint32_t random_below(uint32_t n) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (uint32_t)((random_state >> 32) * n >> 32);
}

static struct connection *connection_of(int user) {
  return &connections[user % options.connections];
}

static struct slot *take(char kind, int user, double due) {
  if (free_count == 0 && used_slots == SLOTS) return NULL;
  struct slot *s = &slots[free_count > 0 ? free_slots[--free_count] : used_slots++];
  s->kind = kind;
  s->generation++;
  s->user = user;
  s->due = due;
  s->acknowledged = false;
  s->answer_length = 0;
  s->answer_again = 0;
  open_transactions++;
  return s;
}

static void give_back(struct slot *s) {
  s->kind = 0;
  free_slots[free_count++] = (uint32_t)(s - slots);
  open_transactions--;
}

static void put_user(struct buffer *b, int user) {
  char name[] = "sip:u000000";
  for (int at = 10; at > 4; at--, user /= 10) name[at] = (char)('0' + user % 10);
  put(b, name);
}

static void put_aor(struct buffer *b, const char *before, int user, const char *after) {
  put(b, before);
  put_user(b, user);
  put(b, "@");
  put(b, options.domain);
  put(b, after);
}

static void put_id(struct buffer *b, const struct slot *s) {
  put_hex(b, (uint32_t)(s - slots));
  put_hex(b, s->generation);
}

static void put_via(struct buffer *b, const struct connection *c, char kind, const struct slot *s) {
  put(b, "Via: SIP/2.0/");
  put(b, VIA_NAME[options.transport]);
  put(b, " 127.0.0.1:");
  put_number(b, (uint32_t)c->port);
  put(b, options.transport == UDP ? ";rport;branch=z9hG4bKld" : ";branch=z9hG4bKld");
  put_text(b, (struct text){&kind, 1});
  put_id(b, s);
  put(b, "\r\nMax-Forwards: 70\r\n");
}

static void put_contact(struct buffer *b, const struct connection *c, int user) {
  put(b, "Contact: <");
  put_user(b, user);
  put(b, "@127.0.0.1:");
  put_number(b, (uint32_t)c->port);
  put(b, URI_TRANSPORT[options.transport]);
  put(b, ">\r\n");
}

static void put_body(struct buffer *b, const char *type, const char *body) {
  put(b, "Content-Type: ");
  put(b, type);
  put(b, "\r\nContent-Length: ");
  put_number(b, (uint32_t)strlen(body));
  put(b, "\r\n\r\n");
  put(b, body);
}

static void request_register(struct buffer *b, const struct connection *c, struct slot *s) {
  put(b, "REGISTER sip:");
  put(b, options.domain);
  put(b, " SIP/2.0\r\n");
  put_via(b, c, 'r', s);
  put_aor(b, "From: <", s->user, ">;tag=ld\r\n");
  put_aor(b, "To: <", s->user, ">\r\n");
  put(b, "Call-ID: register-");
  put_number(b, (uint32_t)s->user);
  put(b, "@load\r\nCSeq: ");
  put_number(b, ++register_cseq[s->user]);
  put(b, " REGISTER\r\n");
  put_contact(b, c, s->user);
  put(b, "Expires: 3600\r\nContent-Length: 0\r\n\r\n");
}

static void request_new(struct buffer *b, const struct connection *c, struct slot *s, const char *method) {
  put(b, method);
  put_aor(b, " ", s->peer, " SIP/2.0\r\n");
  put_via(b, c, s->kind, s);
  put_aor(b, "From: <", s->user, ">;tag=ld");
  put_hex(b, s->generation);
  put_aor(b, "\r\nTo: <", s->peer, ">\r\nCall-ID: ld");
  put_id(b, s);
  put(b, "@load\r\nCSeq: 1 ");
  put(b, method);
  put(b, "\r\n");
  if (s->kind == 'm') {
    put_body(b, "text/plain", TEXT);
  } else {
    put_contact(b, c, s->user);
    put_body(b, "application/sdp", SDP);
  }
}

// ACK and BYE of a call: by the route set that its 200 brought (RFC 3261 12.1.2, 12.2.1.1).
static void request_in_dialog(struct buffer *b, const struct connection *c, struct slot *s, const struct message *ok, const char *method, char kind) {
  put(b, method);
  put(b, " ");
  put_text(b, ok->contact);
  put(b, " SIP/2.0\r\n");
  put_via(b, c, kind, s);
  for (int i = ok->routes - 1; i >= 0; i--) {
    put(b, "Route: ");
    put_text(b, ok->route[i]);
    put(b, "\r\n");
  }
  put_text(b, ok->from);
  put_text(b, ok->to);
  put_text(b, ok->call_id);
  put(b, kind == 'a' ? "CSeq: 1 " : "CSeq: 2 ");
  put(b, method);
  put(b, "\r\nContent-Length: 0\r\n\r\n");
}

static void send_request(struct slot *s, struct connection *c) {
  double t = now();
  s->expires = t + options.timeout;
  s->interval = T1;
  s->again = options.transport == UDP ? t + T1 : 0;
  if (net_send(c, s->request, s->request_length)) {
    counts.sent++;
  } else {
    counts.unsent++;
    give_back(s);
  }
}

void traffic_register(int user, double due) {
  struct slot *s = take('r', user, due);
  if (s == NULL) {
    counts.unsent++;
    return;
  }
  struct connection *c = connection_of(user);
  struct buffer b = {s->request, 0, REQUEST_SIZE};
  request_register(&b, c, s);
  s->request_length = b.length;
  send_request(s, c);
}

void traffic_start(double due) {
  int user = next_user;
  next_user = (next_user + 1) % options.users;
  if (options.mode == REGISTER) {
    traffic_register(user, due); // even if the one before is open: the load must not depend on the server
    return;
  }
  struct slot *s = take(options.mode == MESSAGE ? 'm' : 'i', user, due);
  if (s == NULL) {
    counts.unsent++;
    return;
  }
  s->peer = (user + 1 + (int)random_below((uint32_t)options.users - 1)) % options.users;
  struct connection *c = connection_of(user);
  struct buffer b = {s->request, 0, REQUEST_SIZE};
  request_new(&b, c, s, options.mode == MESSAGE ? "MESSAGE" : "INVITE");
  s->request_length = b.length;
  send_request(s, c);
}

// ---- the calling side ----------------------------------------------------------------------------------------------

static void acknowledge(struct slot *s, struct connection *c, const struct message *ok) {
  char bytes[REQUEST_SIZE];
  struct buffer b = {bytes, 0, sizeof bytes};
  request_in_dialog(&b, c, s, ok, "ACK", 'a');
  net_send(c, bytes, b.length);
}

// ACK of a failure: same branch, hop by hop (RFC 3261 17.1.1.3).
static void acknowledge_failure(struct slot *s, struct connection *c, const struct message *m) {
  char bytes[REQUEST_SIZE];
  struct buffer b = {bytes, 0, sizeof bytes};
  put_aor(&b, "ACK ", s->peer, " SIP/2.0\r\n");
  put_via(&b, c, 'i', s);
  put_text(&b, m->from);
  put_text(&b, m->to);
  put_text(&b, m->call_id);
  put(&b, "CSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
  net_send(c, bytes, b.length);
}

static void hang_up(struct slot *s, struct connection *c, const struct message *ok) {
  s->kind = 'b';
  struct buffer b = {s->request, 0, REQUEST_SIZE};
  request_in_dialog(&b, c, s, ok, "BYE", 'b');
  s->request_length = b.length;
  send_request(s, c);
}

static void on_response(struct connection *c, const struct message *m) {
  char kind;
  uint32_t number, generation;
  if (!sip_branch(m, &kind, &number, &generation) || number >= SLOTS) return;
  struct slot *s = &slots[number];
  if (s->kind == 0 || s->generation != generation) return; // too late: counted as a timeout already
  if (kind == 'i' && s->kind == 'b' && m->status >= 200 && m->status < 300) {
    acknowledge(s, c, m); // the 200 again: our ACK was lost
    return;
  }
  if (kind != s->kind) return;
  if (m->status < 200) {
    if (kind == 'i') s->again = 0;
    return;
  }
  counts.status[m->status / 100 < 7 ? m->status / 100 : 0]++;
  if (m->status < 300) {
    if (kind != 'b') report_latency(now() - s->due); // of a call: INVITE to 200
    if (kind == 'i') {
      acknowledge(s, c, m);
      hang_up(s, c, m);
      return;
    }
    counts.completed++;
  } else {
    if (kind == 'i') acknowledge_failure(s, c, m);
    if (m->status == 503) {
      counts.refused++;
      if (m->retry_after) counts.retry_after++;
    } else {
      counts.failed++;
    }
  }
  give_back(s);
}

// ---- the called side -----------------------------------------------------------------------------------------------

static size_t answer(char *bytes, const struct connection *c, const struct message *m, const char *status, bool with_body) {
  struct buffer b = {bytes, 0, ANSWER_SIZE};
  put(&b, status);
  for (int i = 0; i < m->vias; i++) put_text(&b, m->via[i]);
  for (int i = 0; i < m->routes; i++) {
    put(&b, "Record-Route: ");
    put_text(&b, m->route[i]);
    put(&b, "\r\n");
  }
  put_text(&b, m->from);
  if (sip_has_to_tag(m)) {
    put_text(&b, m->to);
  } else {
    put_text(&b, (struct text){m->to.at, m->to.length - 2});
    put(&b, ";tag=called\r\n");
  }
  put_text(&b, m->call_id);
  put_text(&b, m->cseq);
  if (sip_is(m->method, "INVITE")) put_contact(&b, c, 0);
  if (with_body) put_body(&b, "application/sdp", SDP);
  else put(&b, "Content-Length: 0\r\n\r\n");
  return b.length;
}

static void on_request(struct connection *c, const struct message *m) {
  char bytes[ANSWER_SIZE];
  uint32_t number, generation;
  struct slot *s = NULL;
  if (sip_call(m, &number, &generation) && number < SLOTS && slots[number].kind != 0 && slots[number].generation == generation) s = &slots[number];
  if (sip_is(m->method, "ACK")) {
    if (s != NULL) s->acknowledged = true;
    return;
  }
  if (!sip_is(m->method, "INVITE")) {
    net_send(c, bytes, answer(bytes, c, m, "SIP/2.0 200 OK\r\n", false));
    return;
  }
  net_send(c, bytes, answer(bytes, c, m, "SIP/2.0 180 Ringing\r\n", false));
  size_t length = answer(bytes, c, m, "SIP/2.0 200 OK\r\n", true);
  net_send(c, bytes, length);
  if (s == NULL || options.transport != UDP || s->answer_length != 0) return;
  memcpy(s->answer, bytes, length);
  s->answer_length = length;
  s->answerer = c;
  s->answer_interval = T1;
  s->answer_again = now() + T1;
}

void traffic_message(struct connection *c, const struct message *m) {
  if (m->status != 0) on_response(c, m);
  else on_request(c, m);
}

void traffic_timers(double t) {
  for (uint32_t i = 0; i < used_slots; i++) {
    struct slot *s = &slots[i];
    if (s->kind == 0) continue;
    if (t >= s->expires) {
      counts.timeouts++;
      counts.failed++;
      give_back(s);
      continue;
    }
    if (s->again != 0 && t >= s->again) {
      s->interval = s->kind != 'i' && s->interval * 2 > T2 ? T2 : s->interval * 2;
      s->again = t + s->interval;
      counts.retransmitted++;
      net_send(connection_of(s->user), s->request, s->request_length);
    }
    if (s->answer_again != 0 && t >= s->answer_again) {
      s->answer_interval = s->answer_interval * 2 > T2 ? T2 : s->answer_interval * 2;
      s->answer_again = s->acknowledged ? 0 : t + s->answer_interval;
      if (!s->acknowledged) net_send(s->answerer, s->answer, s->answer_length);
    }
  }
}
