// The low-level hash is a plain value, which may be copied and sent; OpenSSL 3 would rather have its objects used.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
