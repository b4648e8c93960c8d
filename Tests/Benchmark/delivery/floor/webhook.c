// What libcurl takes at least to deliver signed webhooks: one multi handle, connections kept alive, bodies that are all
// of the same size, four headers.
//
// usage: webhook TRANSFERS COUNT BODY_SIZE HOSTS URL [CA_FILE]
// The URL's host stands for HOSTS addresses from 127.0.0.1 on.
#define _GNU_SOURCE
#include "floor.h"
#include "request.h"

enum { MOST_CONNECTIONS = 2000 };

struct transfer {
  struct request request;
  char *body;
};

static long total, started, body_size, hosts;
static CURLU **urls;

static void fill(struct transfer *transfer) {
  char id[32];
  snprintf(id, sizeof id, "msg_%020ld", started);
  int head = snprintf(transfer->body, (size_t)body_size, "{\"type\":\"order.created\",\"number\":%ld,\"data\":\"", started);
  memset(transfer->body + head, 'x', (size_t)(body_size - 2 - head));
  memcpy(transfer->body + body_size - 2, "\"}", 2);
  fill_request(&transfer->request, id, transfer->body, (size_t)body_size);
}

static void make(struct transfer *transfer, const char *ca_file) {
  transfer->body = malloc((size_t)body_size);
  make_request(&transfer->request, transfer);
  if (ca_file) curl_easy_setopt(transfer->request.handle, CURLOPT_CAINFO, ca_file);
}

static void start(CURLM *multi, struct transfer *transfer) {
  fill(transfer);
  curl_easy_setopt(transfer->request.handle, CURLOPT_CURLU, urls[started % hosts]);
  started++;
  curl_multi_add_handle(multi, transfer->request.handle);
}

static void run(struct transfer *transfers, long count) {
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)MOST_CONNECTIONS);
  for (long i = 0; i < count && started < total; i++) start(multi, &transfers[i]);
  for (long done = 0; done < total;) {
    int running, ended = 0;
    curl_multi_perform(multi, &running);
    for (struct transfer *transfer; (transfer = next_answered(multi));) {
      ended = 1;
      done++;
      if (started < total) start(multi, transfer);
    }
    if (!ended) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
}

int main(int count, char **arguments) {
  if (count < 6) {
    fputs("usage: webhook TRANSFERS COUNT BODY_SIZE HOSTS URL [CA_FILE]\n", stderr);
    return 64;
  }
  long transfers = atol(arguments[1]);
  total = atol(arguments[2]);
  body_size = atol(arguments[3]);
  hosts = atol(arguments[4]);
  curl_global_init(CURL_GLOBAL_ALL);
  prepare_key();
  urls = calloc((size_t)hosts, sizeof *urls);
  for (long i = 0; i < hosts; i++) {
    char host[32];
    urls[i] = curl_url();
    if (curl_url_set(urls[i], CURLUPART_URL, arguments[5], 0)) fail(arguments[5], "is no URL");
    if (hosts == 1) continue;
    snprintf(host, sizeof host, "127.0.%ld.%ld", i / 250, i % 250 + 1);
    curl_url_set(urls[i], CURLUPART_HOST, host, 0);
  }
  struct transfer *all = calloc((size_t)transfers, sizeof *all);
  for (long i = 0; i < transfers; i++) make(&all[i], count > 6 ? arguments[6] : NULL);
  double began = now(), cpu_before = cpu();
  run(all, transfers);
  report(total, now() - began, cpu() - cpu_before);
  return 0;
}
