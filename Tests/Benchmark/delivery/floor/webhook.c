// What libcurl takes at least to deliver signed webhooks: one multi handle, connections kept alive, bodies that are all
// of the same size, four headers, an HMAC-SHA256 from a key that was prepared once.
//
// usage: webhook TRANSFERS COUNT BODY_SIZE HOSTS URL [CA_FILE]
// The URL's host stands for HOSTS addresses from 127.0.0.1 on.
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include "floor.h"
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

enum { HEADERS = 4, KEY_SIZE = 24, BLOCK_SIZE = 64, MOST_CONNECTIONS = 2000 };

struct transfer {
  CURL *handle;
  char *body, id[64], time[48], signature[96];
  struct curl_slist headers[HEADERS];
};

static long total, started, body_size, hosts;
static CURLU **urls;
static SHA256_CTX inner, outer;

static void prepare_key(void) {
  unsigned char key[BLOCK_SIZE] = "0123456789abcdef01234567", pad[BLOCK_SIZE];
  for (int i = 0; i < BLOCK_SIZE; i++) pad[i] = (i < KEY_SIZE ? key[i] : 0) ^ 0x36;
  SHA256_Init(&inner);
  SHA256_Update(&inner, pad, BLOCK_SIZE);
  for (int i = 0; i < BLOCK_SIZE; i++) pad[i] ^= 0x36 ^ 0x5c;
  SHA256_Init(&outer);
  SHA256_Update(&outer, pad, BLOCK_SIZE);
}

static void sign(const char *prefix, const char *body, char *text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256_CTX context = inner;
  SHA256_Update(&context, prefix, strlen(prefix));
  SHA256_Update(&context, body, (size_t)body_size);
  SHA256_Final(digest, &context);
  context = outer;
  SHA256_Update(&context, digest, sizeof digest);
  SHA256_Final(digest, &context);
  EVP_EncodeBlock((unsigned char *)text, digest, sizeof digest);
}

static void fill(struct transfer *transfer) {
  char id[32], prefix[64], signature[48];
  long seconds = (long)time(NULL);
  snprintf(id, sizeof id, "msg_%020ld", started);
  snprintf(prefix, sizeof prefix, "%s.%ld.", id, seconds);
  int head = snprintf(transfer->body, (size_t)body_size, "{\"type\":\"order.created\",\"number\":%ld,\"data\":\"", started);
  memset(transfer->body + head, 'x', (size_t)(body_size - 2 - head));
  memcpy(transfer->body + body_size - 2, "\"}", 2);
  sign(prefix, transfer->body, signature);
  snprintf(transfer->id, sizeof transfer->id, "webhook-id: %s", id);
  snprintf(transfer->time, sizeof transfer->time, "webhook-timestamp: %ld", seconds);
  snprintf(transfer->signature, sizeof transfer->signature, "webhook-signature: v1,%s", signature);
}

static size_t ignore(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes;
  (void)context;
  return size * count;
}

static void make(struct transfer *transfer, const char *ca_file) {
  char *lines[HEADERS] = {
      "content-type: application/json", transfer->id, transfer->time, transfer->signature};
  for (int i = 0; i < HEADERS; i++)
    transfer->headers[i] = (struct curl_slist){lines[i], i + 1 < HEADERS ? &transfer->headers[i + 1] : NULL};
  transfer->body = malloc((size_t)body_size);
  CURL *handle = transfer->handle = curl_easy_init();
  curl_easy_setopt(handle, CURLOPT_PRIVATE, transfer);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, transfer->headers);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, body_size);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, transfer->body);
  curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
  if (ca_file) curl_easy_setopt(handle, CURLOPT_CAINFO, ca_file);
}

static void start(CURLM *multi, struct transfer *transfer) {
  fill(transfer);
  curl_easy_setopt(transfer->handle, CURLOPT_CURLU, urls[started % hosts]);
  started++;
  curl_multi_add_handle(multi, transfer->handle);
}

static void check(CURL *handle, CURLcode code) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK) fail("transfer", curl_easy_strerror(code));
  if (status != 200) fail("transfer", "the answer is not 200");
}

static void run(struct transfer *transfers, long count) {
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)MOST_CONNECTIONS);
  for (long i = 0; i < count && started < total; i++) start(multi, &transfers[i]);
  for (long done = 0; done < total;) {
    int running, left, ended = 0;
    curl_multi_perform(multi, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
      CURL *handle = message->easy_handle;
      struct transfer *transfer;
      check(handle, message->data.result);
      curl_easy_getinfo(handle, CURLINFO_PRIVATE, &transfer);
      curl_multi_remove_handle(multi, handle);
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
