#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

/* SHA-1 without EVP, whose look-ups cost more than hashing the few dozen bytes of a name. The direct functions are
 * deprecated since OpenSSL 3.0 in favour of providers, which a UUID has no use for. */
static inline void nh_sha1(const void *bytes, size_t count, unsigned char *digest) {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, bytes, count);
    SHA1_Final(digest, &context);
#pragma clang diagnostic pop
}

#endif
