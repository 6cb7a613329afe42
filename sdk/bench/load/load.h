// The load generator: SIP user agents by the thousand in one thread, driven over stdin. README.md beside it says how.
#ifndef LOAD_H
#define LOAD_H

#define _GNU_SOURCE // memmem, epoll_pwait2, SO_RCVBUFFORCE

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum transport { UDP, TCP, TLS };
enum mode { REGISTER, MESSAGE, CALL };

struct options {
  enum transport transport;
  enum mode mode;
  struct sockaddr_in server;
  int users;
  int connections;
  double timeout; // seconds until a transaction without a final response counts as failed
  const char *domain;
  uint64_t seed;
};
extern struct options options;

void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
double now(void); // seconds, monotonic

// ---- net.c: the persistent connections of the users ----------------------------------------------------------------

struct connection {
  int fd; // -1: closed
  int index;
  bool up; // TCP connected, TLS handshake done
  bool dirty; // has bytes to flush in this round
  int port; // our own
  SSL *tls;
  char *in;
  size_t in_length;
  char *out; // streams only: bytes the socket has not taken yet
  size_t out_length, out_sent, out_size;
};
extern struct connection *connections;
extern int lost_connections; // closed by the server or by an error since the start
extern SSL_CTX *tls_context;

void net_open(int count);
void net_poll(double seconds); // waits at most so long, reads and writes what is possible, calls on_message
bool net_send(struct connection *c, const char *bytes, size_t length); // false: closed, or 1 MiB already waits
void net_flush(void);
extern int net_epoll;
void net_watch_stdin(void);
extern bool stdin_ready;

// ---- sip.c: as much of SIP as a well-behaved endpoint needs --------------------------------------------------------

struct text {
  const char *at;
  size_t length;
};
#define VIAS 16
#define ROUTES 8
struct message {
  int status; // 0: a request
  struct text method; // of the request line; for a response, of CSeq
  struct text via[VIAS], route[ROUTES]; // whole header lines with CRLF; route: values of Record-Route
  int vias, routes;
  struct text from, to, call_id, cseq; // whole lines
  struct text contact; // the URI
  bool retry_after;
  size_t head_length, body_length;
};
// Reads the head of one message. Returns false when there is no empty line yet. Malformed ones end the program: the
// servers measured here do not send any, and a silent skip would falsify a figure.
bool sip_read(const char *bytes, size_t length, struct message *m);
bool sip_is(struct text t, const char *word);
bool sip_has_to_tag(const struct message *m);
// Our identifiers: "z9hG4bKld" kind slot generation in a branch; "ld" slot generation in a Call-ID.
bool sip_branch(const struct message *m, char *kind, uint32_t *slot, uint32_t *generation);
bool sip_call(const struct message *m, uint32_t *slot, uint32_t *generation);

struct buffer {
  char *at;
  size_t length, size;
};
void put(struct buffer *b, const char *string);
void put_text(struct buffer *b, struct text t);
void put_number(struct buffer *b, uint32_t n);
void put_hex(struct buffer *b, uint32_t n);

// ---- traffic.c: who sends what, and what is still open -------------------------------------------------------------

struct counts {
  uint64_t offered, sent, unsent, completed, failed, refused, retry_after, timeouts, retransmitted, lost;
  uint64_t status[7]; // final responses by class
};
extern struct counts counts;
extern uint32_t open_transactions;

void traffic_init(void);
void traffic_reset(void);
void traffic_register(int user, double due); // one REGISTER, whatever the mode
void traffic_start(double due); // one transaction of options.mode
void traffic_message(struct connection *c, const struct message *m);
void traffic_timers(double t);

// ---- report.c ------------------------------------------------------------------------------------------------------

void report_reset(void);
void report_latency(double seconds);
void report_lag(double seconds); // how late a request left, compared with its due time
void report_print(double seconds, double measured, uint32_t open_at_end, uint64_t completed_in_time, double cpu);

// ---- storm.c: TLS handshakes and idle connections ------------------------------------------------------------------

void storm_handshakes(double seconds, int parallel);
void storm_hold(int count);

#endif
