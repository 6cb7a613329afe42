// load: options on the command line, commands on stdin, one line of JSON on stdout for each.
//
//   register FIRST COUNT RATE   registers users FIRST .. FIRST+COUNT-1, RATE a second
//   run RATE SECONDS            RATE transactions of the mode a second, open loop: a slow server does not slow it down
//   handshakes SECONDS N        full TLS handshakes, N at a time
//   hold N                      opens TLS connections until N are held
//   quit
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define BURST 32
#define TIMER_TICK 0.02

struct options options = {.transport = UDP, .mode = REGISTER, .users = 2000, .connections = 32, .timeout = 3, .domain = "bench.example", .seed = 1};

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("load: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

// Sends what is due, at most a burst at a time so that answers are read in between, until the time is over.
static void run(double rate, double seconds, int first_user, int user_count) {
  traffic_reset();
  report_reset();
  double start = now(), end = start + seconds, ticked = start, cpu = cpu_seconds();
  uint64_t total = user_count > 0 ? (uint64_t)user_count : (uint64_t)(rate * seconds);
  for (;;) {
    double t = now();
    if (user_count == 0 && t >= end) break;
    if (counts.offered == total && (user_count > 0 || t >= end)) break;
    for (int burst = 0; burst < BURST && counts.offered < total; burst++) {
      double due = start + (double)counts.offered / rate;
      if (due > t) break;
      report_lag(t - due);
      if (user_count > 0) traffic_register(first_user + (int)counts.offered, due);
      else traffic_start(due);
      counts.offered++;
    }
    if (t - ticked >= TIMER_TICK) {
      traffic_timers(t);
      ticked = t;
    }
    net_flush();
    double next = counts.offered < total ? start + (double)counts.offered / rate : end;
    double wait = next - now();
    net_poll(wait <= 0 ? 0 : wait < TIMER_TICK ? wait : TIMER_TICK);
  }
  double measured = now() - start;
  cpu = cpu_seconds() - cpu;
  uint32_t open_at_end = open_transactions;
  uint64_t completed = counts.completed;
  while (open_transactions > 0) {
    net_poll(TIMER_TICK);
    traffic_timers(now());
  }
  report_print(user_count > 0 ? measured : seconds, measured, open_at_end, completed, cpu);
}

static void obey(const char *line) {
  int first, count;
  double rate, seconds;
  if (sscanf(line, "register %d %d %lf", &first, &count, &rate) == 3) {
    if (first < 0 || count < 1 || first + count > options.users) fail("users %d to %d are not among %d", first, first + count, options.users);
    run(rate, 0, first, count);
  } else if (sscanf(line, "run %lf %lf", &rate, &seconds) == 2) run(rate, seconds, 0, 0);
  else if (sscanf(line, "handshakes %lf %d", &seconds, &count) == 2) storm_handshakes(seconds, count);
  else if (sscanf(line, "hold %d", &count) == 1) storm_hold(count);
  else if (strcmp(line, "quit") == 0) exit(0);
  else fail("unknown command: %s", line);
}

static void read_commands(void) {
  static char line[256];
  static size_t length;
  ssize_t n = read(0, line + length, sizeof line - 1 - length);
  if (n <= 0) exit(0);
  length += (size_t)n;
  char *end;
  while ((end = memchr(line, '\n', length)) != NULL) {
    char command[sizeof line];
    size_t size = (size_t)(end - line);
    memcpy(command, line, size);
    command[size] = 0;
    length -= size + 1;
    memmove(line, end + 1, length);
    obey(command);
  }
  if (length == sizeof line - 1) fail("a command is longer than %zu bytes", sizeof line);
}

static int choice(const char *given, const char *const *names) {
  for (int i = 0; names[i] != NULL; i++)
    if (strcmp(given, names[i]) == 0) return i;
  fail("not known: %s", given);
}

static void read_options(int count, char **arguments) {
  static const char *const transports[] = {"udp", "tcp", "tls", NULL}, *const modes[] = {"register", "message", "call", NULL};
  options.server.sin_family = AF_INET;
  for (int o; (o = getopt(count, arguments, "t:m:s:u:c:w:d:r:")) != -1;) {
    char *colon;
    switch (o) {
    case 't': options.transport = (enum transport)choice(optarg, transports); break;
    case 'm': options.mode = (enum mode)choice(optarg, modes); break;
    case 's':
      if ((colon = strchr(optarg, ':')) == NULL) fail("-s wants ADDRESS:PORT");
      *colon = 0;
      if (inet_pton(AF_INET, optarg, &options.server.sin_addr) != 1) fail("not an IPv4 address: %s", optarg);
      options.server.sin_port = htons((uint16_t)atoi(colon + 1));
      break;
    case 'u': options.users = atoi(optarg); break;
    case 'c': options.connections = atoi(optarg); break;
    case 'w': options.timeout = atof(optarg); break;
    case 'd': options.domain = optarg; break;
    case 'r': options.seed = strtoull(optarg, NULL, 10); break;
    default: fail("usage: load -s ADDRESS:PORT [-t udp|tcp|tls] [-m register|message|call] [-u users] [-c connections] [-w timeout] [-d domain] [-r seed]");
    }
  }
  if (options.server.sin_port == 0) fail("-s ADDRESS:PORT is missing");
  if (options.users < 2 || options.users > 999999 || options.connections < 0 || options.connections > 10000) fail("users: 2 to 999999, connections: 0 to 10000");
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  signal(SIGPIPE, SIG_IGN); // OpenSSL writes to connections that the server has closed
  tls_context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_session_cache_mode(tls_context, SSL_SESS_CACHE_OFF); // every handshake a full one
  traffic_init();
  net_open(options.connections);
  net_watch_stdin();
  for (;;) {
    net_poll(1);
    if (!stdin_ready) continue;
    stdin_ready = false;
    read_commands();
  }
}
