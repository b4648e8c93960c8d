#ifndef CFUZZING_SHIM_H
#define CFUZZING_SHIM_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer as a library: calls the target again and again, as the command line's options say. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*target)(const uint8_t *data, size_t size));

/* What jansson.h has as static inline functions or macros that Swift does not see. */
static inline enum json_error_code nh_json_error_code(const json_error_t *error) { return json_error_code(error); }
static inline void nh_json_release(json_t *json) { json_decref(json); }
static inline json_type nh_json_type(const json_t *json) { return json_typeof(json); }

#endif
