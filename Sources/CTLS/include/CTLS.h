// libssl as a client that wants to know what is wrong with a certificate: a
// connection is made whatever the certificate says, so nothing secret may be
// sent over it.
#pragma once
#include <stddef.h>

typedef struct tls_connection tls_connection;

/// Begins TLS on a connected socket, which stays the caller's. Null if there was
/// no handshake; then `why` says in OpenSSL's words why not.
tls_connection *tls_begin(int socket, const char *host, char *why, size_t size);
void tls_end(tls_connection *connection);

/// SSL_write: bytes written, or a negative number.
int tls_write(tls_connection *connection, const void *bytes, int count);
/// SSL_read: bytes read, 0 at the end, or a negative number.
int tls_read(tls_connection *connection, void *bytes, int count);

/// Why this machine does not trust the certificate; null if it does. Whom it is
/// for is another question.
const char *tls_distrust(const tls_connection *connection);
/// Whether the certificate is for this name or address.
int tls_is_for(const tls_connection *connection, const char *host);
/// The names in the certificate, with spaces between them, as many as fit.
void tls_names(const tls_connection *connection, char *names, size_t size);
/// Seconds until the certificate ends; negative if it has ended.
long long tls_seconds_left(const tls_connection *connection);
