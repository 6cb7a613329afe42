// Latencies in a histogram of 1 % wide buckets from 1 µs to 100 s, and one line of JSON a run.
#include "load.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BUCKETS 1860
static uint32_t latency[BUCKETS], lag[BUCKETS];
static uint64_t latencies, lags;
static double worst;

static int bucket(double seconds) {
  int b = (int)(log(seconds * 1e6 < 1 ? 1 : seconds * 1e6) / log(1.01));
  return b < BUCKETS ? b : BUCKETS - 1;
}

static double quantile(const uint32_t *histogram, uint64_t total, double q) {
  uint64_t rank = (uint64_t)(q * (double)total), seen = 0;
  for (int b = 0; b < BUCKETS; b++) {
    seen += histogram[b];
    if (seen > rank) return pow(1.01, b + 0.5) / 1000; // ms
  }
  return 0;
}

void report_reset(void) {
  memset(latency, 0, sizeof latency);
  memset(lag, 0, sizeof lag);
  latencies = lags = 0;
  worst = 0;
}

void report_latency(double seconds) {
  latency[bucket(seconds)]++;
  latencies++;
  if (seconds > worst) worst = seconds;
}

void report_lag(double seconds) {
  lag[bucket(seconds)]++;
  lags++;
}

void report_print(double seconds, double measured, uint32_t open_at_end, uint64_t completed_in_time, double cpu) {
  printf("{\"seconds\":%.3f,\"offered\":%lu,\"sent\":%lu,\"unsent\":%lu,\"completed\":%lu,\"completedInTime\":%lu,\"failed\":%lu,\"refused\":%lu,"
         "\"retryAfter\":%lu,\"timeouts\":%lu,\"retransmitted\":%lu,\"openAtEnd\":%u,\"lostConnections\":%d,",
         measured, counts.offered, counts.sent, counts.unsent, counts.completed, completed_in_time, counts.failed, counts.refused, counts.retry_after,
         counts.timeouts, counts.retransmitted, open_at_end, lost_connections);
  printf("\"p50\":%.3f,\"p99\":%.3f,\"worst\":%.3f,\"lagP99\":%.3f,\"load\":%.3f,\"finals\":[%lu,%lu,%lu,%lu,%lu]}\n", quantile(latency, latencies, 0.5),
         quantile(latency, latencies, 0.99), worst * 1000, quantile(lag, lags, 0.99), cpu / seconds, counts.status[2], counts.status[3], counts.status[4],
         counts.status[5], counts.status[6]);
  fflush(stdout);
}
