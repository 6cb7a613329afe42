// New TLS connections: as many full handshakes as the server finishes, and connections that only stay open.
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

// A handshake counts once the server has said something inside it: the answer to a keep-alive ping (RFC 5626 4.4.1).
// TLS 1.3 lets a client finish before the server has done its part.
enum stage { CONNECTING, HANDSHAKING, PINGED };
struct attempt {
  int fd;
  enum stage stage;
  SSL *tls;
  double begun;
};

static struct attempt *held;
static int held_count, held_size;

static void begin(struct attempt *a, int epoll) {
  a->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (a->fd < 0) fail("socket: %s", strerror(errno));
  struct linger abort = {1, 0}; // closes by RST: no port stays in TIME_WAIT
  setsockopt(a->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  int on = 1;
  setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(a->fd, (struct sockaddr *)&options.server, sizeof options.server) != 0 && errno != EINPROGRESS) fail("connect: %s", strerror(errno));
  a->stage = CONNECTING;
  a->begun = now();
  a->tls = SSL_new(tls_context);
  SSL_set_fd(a->tls, a->fd);
  SSL_set_connect_state(a->tls);
  struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = a};
  epoll_ctl(epoll, EPOLL_CTL_ADD, a->fd, &e);
}

static void end(struct attempt *a) {
  SSL_free(a->tls);
  close(a->fd);
  a->fd = -1;
}

// 1: the server answered inside TLS; 0: goes on; -1: failed
static int advance(struct attempt *a, int epoll) {
  if (a->stage != PINGED) {
    int n = SSL_do_handshake(a->tls);
    if (n != 1) {
      int error = SSL_get_error(a->tls, n);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return -1;
      if (a->stage == CONNECTING) {
        a->stage = HANDSHAKING;
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = a};
        epoll_ctl(epoll, EPOLL_CTL_MOD, a->fd, &e);
      }
      return 0;
    }
    a->stage = PINGED;
    if (SSL_write(a->tls, "\r\n\r\n", 4) != 4) return -1;
  }
  char pong[16];
  int n = SSL_read(a->tls, pong, sizeof pong);
  if (n > 0) return 1;
  int error = SSL_get_error(a->tls, n);
  return error == SSL_ERROR_WANT_READ ? 0 : -1;
}

void storm_handshakes(double seconds, int parallel) {
  int epoll = epoll_create1(0);
  struct attempt *attempts = calloc((size_t)parallel, sizeof *attempts);
  for (int i = 0; i < parallel; i++) begin(&attempts[i], epoll);
  report_reset();
  uint64_t done = 0, failed = 0;
  double start = now(), stop = start + seconds, checked = start;
  while (now() < stop) {
    struct epoll_event events[64];
    int n = epoll_wait(epoll, events, 64, 20);
    for (int i = 0; i < n; i++) {
      struct attempt *a = events[i].data.ptr;
      int result = advance(a, epoll);
      if (result == 0) continue;
      if (result > 0) {
        done++;
        report_latency(now() - a->begun);
      } else {
        failed++;
      }
      end(a);
      begin(a, epoll);
    }
    if (now() - checked < 0.1) continue;
    checked = now();
    for (int i = 0; i < parallel; i++) {
      if (checked - attempts[i].begun < options.timeout) continue;
      failed++;
      end(&attempts[i]);
      begin(&attempts[i], epoll);
    }
  }
  for (int i = 0; i < parallel; i++) end(&attempts[i]);
  close(epoll);
  free(attempts);
  counts.offered = done + failed;
  counts.sent = done + failed;
  counts.completed = done;
  counts.failed = failed;
  report_print(seconds, now() - start, 0, done, 0);
}

// Opens connections one after another until so many are held. Answers how many are still open.
void storm_hold(int count) {
  if (held_size < count) {
    held = realloc(held, (size_t)count * sizeof *held);
    held_size = count;
  }
  int failed = 0;
  for (; held_count < count; held_count++) {
    struct attempt *a = &held[held_count];
    a->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (a->fd < 0 || connect(a->fd, (struct sockaddr *)&options.server, sizeof options.server) != 0) fail("connection %d: %s", held_count, strerror(errno));
    a->tls = SSL_new(tls_context);
    SSL_set_fd(a->tls, a->fd);
    char pong[16];
    struct timeval patience = {(time_t)options.timeout, 0};
    setsockopt(a->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (SSL_connect(a->tls) != 1 || SSL_write(a->tls, "\r\n\r\n", 4) != 4 || SSL_read(a->tls, pong, sizeof pong) <= 0) failed++;
  }
  int open = 0;
  for (int i = 0; i < held_count; i++) {
    char byte;
    ssize_t n = recv(held[i].fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0 || (n < 0 && errno == EAGAIN)) open++;
  }
  printf("{\"held\":%d,\"open\":%d,\"failed\":%d}\n", held_count, open, failed);
  fflush(stdout);
}
