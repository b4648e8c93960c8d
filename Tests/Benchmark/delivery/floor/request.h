// A signed webhook as libcurl sends it cheapest: a handle that is used again and again, header lines and body in memory
// of our own, an HMAC-SHA256 from a key that was prepared once.
#pragma once
#define OPENSSL_SUPPRESS_DEPRECATED
#include "../../harness/program.h"
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

enum { HEADERS = 4, KEY_SIZE = 24, BLOCK_SIZE = 64 };

struct request {
  CURL *handle;
  char id[64], time[48], signature[96];
  struct curl_slist headers[HEADERS];
};

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

static void sign(const char *prefix, const char *body, size_t size, char *text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256_CTX context = inner;
  SHA256_Update(&context, prefix, strlen(prefix));
  SHA256_Update(&context, body, size);
  SHA256_Final(digest, &context);
  context = outer;
  SHA256_Update(&context, digest, sizeof digest);
  SHA256_Final(digest, &context);
  EVP_EncodeBlock((unsigned char *)text, digest, sizeof digest);
}

static size_t ignore(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes;
  (void)context;
  return size * count;
}

// `owner` is what the handle belongs to.
static void make_request(struct request *request, void *owner) {
  char *lines[HEADERS] = {"content-type: application/json", request->id, request->time, request->signature};
  for (int i = 0; i < HEADERS; i++)
    request->headers[i] = (struct curl_slist){lines[i], i + 1 < HEADERS ? &request->headers[i + 1] : NULL};
  CURL *handle = request->handle = curl_easy_init();
  curl_easy_setopt(handle, CURLOPT_PRIVATE, owner);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, request->headers);
  curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
}

// The body must stay where it is until the answer has come.
static void fill_request(struct request *request, const char *id, const char *body, size_t size) {
  char prefix[96], signature[48];
  long seconds = (long)time(NULL);
  snprintf(prefix, sizeof prefix, "%s.%ld.", id, seconds);
  sign(prefix, body, size, signature);
  snprintf(request->id, sizeof request->id, "webhook-id: %s", id);
  snprintf(request->time, sizeof request->time, "webhook-timestamp: %ld", seconds);
  snprintf(request->signature, sizeof request->signature, "webhook-signature: v1,%s", signature);
  curl_easy_setopt(request->handle, CURLOPT_POSTFIELDSIZE, (long)size);
  curl_easy_setopt(request->handle, CURLOPT_POSTFIELDS, body);
}

// Takes the next transfer that has ended out of the multi handle; NULL where there is none. Anything but a 200 ends it all.
static void *next_answered(CURLM *multi) {
  int left;
  CURLMsg *message = curl_multi_info_read(multi, &left);
  if (!message) return NULL;
  CURL *handle = message->easy_handle;
  if (message->data.result != CURLE_OK) fail("transfer", curl_easy_strerror(message->data.result));
  long status = 0;
  void *owner = NULL;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) fail("transfer", "the answer is not 200");
  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &owner);
  curl_multi_remove_handle(multi, handle);
  return owner;
}
