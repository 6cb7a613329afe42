// The users' connections: UDP sockets, TCP or TLS streams, one epoll set, framing by Content-Length.
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

#define IN_SIZE 65536
#define OUT_LIMIT (1 << 20)
#define READS_A_TURN 64

struct connection *connections;
int lost_connections;
int net_epoll = -1;
bool stdin_ready;
SSL_CTX *tls_context;
static struct connection **dirty;
static int dirty_count;

static void watch(struct connection *c, uint32_t events, int operation) {
  struct epoll_event e = {.events = events, .data.ptr = c};
  if (epoll_ctl(net_epoll, operation, c->fd, &e) != 0) fail("epoll_ctl: %s", strerror(errno));
}

static void drop(struct connection *c) {
  if (c->tls != NULL) SSL_free(c->tls);
  if (c->fd >= 0) close(c->fd);
  c->tls = NULL;
  c->fd = -1;
  c->up = false;
  lost_connections++;
}

static void buffers(int fd, int bytes) {
  // FORCE passes net.core.?mem_max and needs CAP_NET_ADMIN; without it the plain option gets what is allowed.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) != 0) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

// Blocking connect and handshake: opening is not measured here (storm.c does that).
static void open_one(struct connection *c) {
  bool stream = options.transport != UDP;
  c->fd = socket(AF_INET, stream ? SOCK_STREAM : SOCK_DGRAM, 0);
  if (c->fd < 0) fail("socket: %s", strerror(errno));
  if (!stream) buffers(c->fd, 8 << 20);
  if (connect(c->fd, (struct sockaddr *)&options.server, sizeof options.server) != 0) fail("connect: %s", strerror(errno));
  struct sockaddr_in own;
  socklen_t length = sizeof own;
  getsockname(c->fd, (struct sockaddr *)&own, &length);
  c->port = ntohs(own.sin_port);
  if (c->in == NULL) c->in = malloc(IN_SIZE);
  if (stream) {
    int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->out_size = 4096;
    if (c->out == NULL) c->out = malloc(c->out_size);
  }
  if (options.transport == TLS) {
    c->tls = SSL_new(tls_context);
    SSL_set_mode(c->tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_set_fd(c->tls, c->fd);
    if (SSL_connect(c->tls) != 1) fail("TLS handshake: %s", ERR_error_string(ERR_get_error(), NULL));
  }
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  c->up = true;
  c->in_length = c->out_length = c->out_sent = 0;
  watch(c, EPOLLIN, EPOLL_CTL_ADD);
}

void net_open(int count) {
  net_epoll = epoll_create1(0);
  connections = calloc((size_t)count, sizeof *connections);
  dirty = calloc((size_t)count, sizeof *dirty);
  for (int i = 0; i < count; i++) {
    connections[i].index = i;
    connections[i].fd = -1;
    open_one(&connections[i]);
  }
}

void net_watch_stdin(void) {
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(net_epoll, EPOLL_CTL_ADD, 0, &e) != 0) fail("stdin: %s", strerror(errno));
}

static void flush(struct connection *c) {
  while (c->fd >= 0 && c->out_sent < c->out_length) {
    const char *at = c->out + c->out_sent;
    size_t left = c->out_length - c->out_sent;
    ssize_t n;
    bool blocked;
    if (c->tls != NULL) {
      n = SSL_write(c->tls, at, left > 16384 ? 16384 : (int)left);
      int error = n > 0 ? 0 : SSL_get_error(c->tls, (int)n);
      blocked = error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ;
    } else {
      n = send(c->fd, at, left, MSG_NOSIGNAL);
      blocked = n < 0 && (errno == EAGAIN || errno == EINTR);
    }
    if (n <= 0) {
      if (blocked) watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
      else drop(c);
      return;
    }
    c->out_sent += (size_t)n;
  }
  c->out_sent = c->out_length = 0;
}

void net_flush(void) {
  for (int i = 0; i < dirty_count; i++) {
    dirty[i]->dirty = false;
    flush(dirty[i]);
  }
  dirty_count = 0;
}

bool net_send(struct connection *c, const char *bytes, size_t length) {
  if (!c->up) return false;
  if (options.transport == UDP) {
    for (;;) {
      if (send(c->fd, bytes, length, 0) >= 0) return true;
      if (errno == ECONNREFUSED) continue; // an earlier datagram's answer: the server is gone; the transaction times out
      if (errno == EINTR) continue;
      return false;
    }
  }
  size_t waiting = c->out_length - c->out_sent;
  if (waiting + length > OUT_LIMIT) return false;
  if (c->out_length + length > c->out_size) {
    memmove(c->out, c->out + c->out_sent, waiting);
    c->out_length = waiting;
    c->out_sent = 0;
    while (c->out_size < waiting + length) c->out_size *= 2;
    c->out = realloc(c->out, c->out_size);
  }
  memcpy(c->out + c->out_length, bytes, length);
  c->out_length += length;
  if (!c->dirty) {
    c->dirty = true;
    dirty[dirty_count++] = c;
  }
  return true;
}

static void take_datagram(struct connection *c, size_t length) {
  struct message m;
  if (length > 4 && sip_read(c->in, length, &m)) traffic_message(c, &m);
}

static void take_stream(struct connection *c) {
  size_t at = 0;
  for (;;) {
    while (at < c->in_length && (c->in[at] == '\r' || c->in[at] == '\n')) at++; // keep-alives
    struct message m;
    if (at == c->in_length || !sip_read(c->in + at, c->in_length - at, &m)) break;
    size_t whole = m.head_length + m.body_length;
    if (whole > IN_SIZE) fail("a message of %zu bytes", whole);
    if (c->in_length - at < whole) break;
    traffic_message(c, &m);
    at += whole;
  }
  memmove(c->in, c->in + at, c->in_length - at);
  c->in_length -= at;
}

static void receive(struct connection *c) {
  for (int turn = 0; turn < READS_A_TURN && c->fd >= 0; turn++) {
    if (options.transport == UDP) {
      ssize_t n = recv(c->fd, c->in, IN_SIZE, 0);
      if (n < 0) return;
      take_datagram(c, (size_t)n);
      continue;
    }
    if (c->in_length == IN_SIZE) fail("a message head is longer than %d bytes", IN_SIZE);
    ssize_t n;
    if (c->tls != NULL) {
      n = SSL_read(c->tls, c->in + c->in_length, (int)(IN_SIZE - c->in_length));
      if (n <= 0) {
        int error = SSL_get_error(c->tls, (int)n);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) drop(c);
        return;
      }
    } else {
      n = recv(c->fd, c->in + c->in_length, IN_SIZE - c->in_length, 0);
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) {
        drop(c);
        return;
      }
    }
    c->in_length += (size_t)n;
    take_stream(c);
  }
}

void net_poll(double seconds) {
  struct epoll_event events[128];
  struct timespec wait = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  int n = epoll_pwait2(net_epoll, events, 128, &wait, NULL);
  for (int i = 0; i < n; i++) {
    struct connection *c = events[i].data.ptr;
    if (c == NULL) {
      stdin_ready = true;
      continue;
    }
    if (c->fd >= 0 && (events[i].events & EPOLLOUT)) {
      watch(c, EPOLLIN, EPOLL_CTL_MOD);
      flush(c);
    }
    if (c->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) receive(c);
  }
  net_flush();
}
