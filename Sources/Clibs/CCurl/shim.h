#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

/* The checking macros of curl only work where the option is a literal. */
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
/* The poll set that stands beside curl's own; the Glibc module has neither. */
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* Swift cannot call variadic functions: one function for each kind of argument. */

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value)
{ return curl_easy_setopt(easy, option, value); }

static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value)
{ return curl_easy_setopt(easy, option, value); }

static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, const void *value)
{ return curl_easy_setopt(easy, option, value); }

static inline CURLcode ccurl_set_url(CURL *easy, CURLU *value)
{ return curl_easy_setopt(easy, CURLOPT_CURLU, value); }

static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value)
{ return curl_easy_setopt(easy, option, value); }

/* For WRITEFUNCTION and HEADERFUNCTION. */
static inline CURLcode ccurl_set_write(CURL *easy, CURLoption option, curl_write_callback value)
{ return curl_easy_setopt(easy, option, value); }

static inline CURLcode ccurl_set_opensocket(CURL *easy, curl_opensocket_callback value)
{ return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, value); }

static inline CURLcode ccurl_set_prereq(CURL *easy, curl_prereq_callback value)
{ return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, value); }

static inline CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value)
{ return curl_easy_getinfo(easy, info, value); }

static inline CURLcode ccurl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value)
{ return curl_easy_getinfo(easy, info, value); }

static inline CURLcode ccurl_get_socket(CURL *easy, curl_socket_t *value)
{ return curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, value); }

static inline CURLcode ccurl_get_private(CURL *easy, void **value)
{ return curl_easy_getinfo(easy, CURLINFO_PRIVATE, value); }

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value)
{ return curl_multi_setopt(multi, option, value); }

/* What curl wants to know of which socket, and when it wants to be called without any. */
static inline CURLMcode ccurl_multi_set_socket(CURLM *multi, curl_socket_callback value, void *context)
{
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, value);
}

static inline CURLMcode ccurl_multi_set_timer(CURLM *multi, curl_multi_timer_callback value, void *context)
{
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
    return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, value);
}

static inline CURLSHcode ccurl_share_add(CURLSH *share, curl_lock_data value)
{ return curl_share_setopt(share, CURLSHOPT_SHARE, value); }

/* A macro with a cast. */
static inline CURLcode ccurl_set_basic_auth(CURL *easy)
{ return curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC); }

/* The result of a finished transfer sits in a union. */
static inline CURLcode ccurl_message_result(const CURLMsg *message)
{ return message->data.result; }

/* The bytes of the address that is about to be connected to; curl keeps room for any family behind `addr`. */
static inline const void *ccurl_address(const struct curl_sockaddr *address)
{ return &address->addr; }

#endif
