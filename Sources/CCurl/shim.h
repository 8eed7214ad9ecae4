#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo take whatever an option needs, which Swift
// cannot call: one function for each kind. The parentheses avoid curl's macros.

static inline CURLcode curl_set_long(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}

/// Copies the text.
static inline CURLcode curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}

/// The list is the caller's, and must live as long as the request.
static inline CURLcode curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(handle, option, value);
}

/// A request's body; copies it.
static inline CURLcode curl_set_body(CURL *handle, const void *bytes, long count) {
    CURLcode code = (curl_easy_setopt)(handle, CURLOPT_POSTFIELDSIZE, count);
    return code == CURLE_OK ? (curl_easy_setopt)(handle, CURLOPT_COPYPOSTFIELDS, bytes) : code;
}

/// Where the lines of the answer's header go, and where its body.
static inline CURLcode curl_set_sinks(
    CURL *handle, curl_write_callback header, curl_write_callback body, void *context) {
    CURLcode code = (curl_easy_setopt)(handle, CURLOPT_HEADERFUNCTION, header);
    if (code == CURLE_OK) code = (curl_easy_setopt)(handle, CURLOPT_HEADERDATA, context);
    if (code == CURLE_OK) code = (curl_easy_setopt)(handle, CURLOPT_WRITEFUNCTION, body);
    if (code == CURLE_OK) code = (curl_easy_setopt)(handle, CURLOPT_WRITEDATA, context);
    return code;
}

static inline long curl_status(CURL *handle) {
    long status = 0;
    (curl_easy_getinfo)(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
