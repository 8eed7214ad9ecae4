#include "CTLS.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tls_connection {
    SSL_CTX *context;
    SSL *ssl;
    X509 *certificate;
};

static int is_address(const char *host) {
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
    ASN1_OCTET_STRING_free(address);
    return address != NULL;
}

tls_connection *tls_begin(int socket, const char *host, char *why, size_t size) {
    ERR_clear_error();
    tls_connection *connection = calloc(1, sizeof *connection);
    if (!connection) return NULL;
    connection->context = SSL_CTX_new(TLS_client_method());
    if (connection->context) {
        SSL_CTX_set_default_verify_paths(connection->context);
        // The result of the verification is asked for afterwards.
        SSL_CTX_set_verify(connection->context, SSL_VERIFY_NONE, NULL);
        connection->ssl = SSL_new(connection->context);
    }
    // A name for the server to choose a certificate by; an address is none (RFC 6066, 3).
    if (connection->ssl && SSL_set_fd(connection->ssl, socket) == 1 &&
        (is_address(host) || SSL_set_tlsext_host_name(connection->ssl, host) == 1) &&
        SSL_connect(connection->ssl) == 1)
        connection->certificate = SSL_get1_peer_certificate(connection->ssl);
    if (connection->certificate) return connection;
    unsigned long code = ERR_peek_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    snprintf(why, size, "%s", reason ? reason : "the connection was closed, or took too long");
    tls_end(connection);
    return NULL;
}

void tls_end(tls_connection *connection) {
    X509_free(connection->certificate);
    SSL_free(connection->ssl);
    SSL_CTX_free(connection->context);
    free(connection);
}

int tls_write(tls_connection *connection, const void *bytes, int count) {
    return SSL_write(connection->ssl, bytes, count);
}

int tls_read(tls_connection *connection, void *bytes, int count) {
    int result = SSL_read(connection->ssl, bytes, count);
    if (result > 0) return result;
    return SSL_get_error(connection->ssl, result) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

const char *tls_distrust(const tls_connection *connection) {
    long result = SSL_get_verify_result(connection->ssl);
    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}

int tls_is_for(const tls_connection *connection, const char *host) {
    return is_address(host) ? X509_check_ip_asc(connection->certificate, host, 0) == 1
                            : X509_check_host(connection->certificate, host, 0, 0, NULL) == 1;
}

void tls_names(const tls_connection *connection, char *names, size_t size) {
    size_t used = 0;
    if (size) names[0] = 0;
    GENERAL_NAMES *all = X509_get_ext_d2i(connection->certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
        const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);
        if (one->type != GEN_DNS) continue;
        const char *name = (const char *)ASN1_STRING_get0_data(one->d.dNSName);
        size_t length = (size_t)ASN1_STRING_length(one->d.dNSName);
        if (used + length + 2 > size || memchr(name, 0, length)) continue;
        if (used) names[used++] = ' ';
        memcpy(names + used, name, length);
        names[used += length] = 0;
    }
    GENERAL_NAMES_free(all);
}

long long tls_seconds_left(const tls_connection *connection) {
    int days = 0, seconds = 0;
    ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(connection->certificate));
    return days * 86400LL + seconds;
}
