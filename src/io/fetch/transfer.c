/* transfer.c -- requests the missing bytes of a URL by libcurl. Only this file uses libcurl. */
#include "base/error.h"
#include "fetch.h"
#include "io/atomic-file.h"
#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MAX_REDIRECTS 10
#define HTTP_WHOLE 200
#define HTTP_PART 206
#define HTTP_TIMEOUT 408
#define HTTP_RANGE_NOT_SATISFIABLE 416
#define HTTP_TOO_MANY 429
#define HTTP_SERVER_ERROR 500

/* Certificates of authorities on Fedora, openSUSE and Alpine: a libcurl from Debian has another path. */
static const char *const ca_bundles[] = { "/etc/pki/tls/certs/ca-bundle.crt",
                                          "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem",
                                          "/etc/ssl/cert.pem" };

typedef struct {
  RvFetch *fetch;
  CURL *curl;
  gboolean begun;  /* the response has begun and is valid */
  gboolean silent; /* timeout without data */
  gint64 last_us;  /* time of the last data */
  char *problem;   /* error of the response */
  GError *error;   /* error of the disk or cancelled, not of the URL */
} Transfer;

/* ---- the response ------------------------------------------------------------------------------------------------ */

/* Checks the HTTP status, the range and the length of a response before its first byte is stored; sets transfer->begun.
 * Empties the .part file if the server ignored the range. FALSE, to end the transfer: transfer->problem, owned, for a
 * wrong response, or ->error, RV_ERROR_FILE, for the disk. */
static gboolean
check_response (Transfer *transfer)
{
  RvFetch *fetch = transfer->fetch;
  long code = 0;
  curl_off_t comes = -1;
  struct curl_header *range; /* of a 206 response: "bytes FIRST-LAST/TOTAL" */
  curl_easy_getinfo (transfer->curl, CURLINFO_RESPONSE_CODE, &code);
  curl_easy_getinfo (transfer->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &comes);
  gboolean has_range = curl_easy_header (transfer->curl, "Content-Range", 0, CURLH_HEADER, -1, &range) == CURLHE_OK;
  const char *first = has_range ? strpbrk (range->value, "0123456789") : NULL;
  transfer->begun = TRUE;

  if (code == HTTP_WHOLE && fetch->size > 0 && !rv__fetch_empty (fetch, &transfer->error)) /* ranges ignored */
    return FALSE;
  if (code == HTTP_PART && (!first || g_ascii_strtoll (first, NULL, 10) != fetch->size))
    transfer->problem = g_strdup ("it sent another part of the file than requested");
  else if (code != HTTP_WHOLE && code != HTTP_PART)
    transfer->problem = g_strdup_printf ("it answered with HTTP status %ld", code);
  else if (comes >= 0 && fetch->size + comes != fetch->source->bytes)
    transfer->problem = g_strdup_printf ("its file has %" G_GINT64_FORMAT " bytes, not %" G_GINT64_FORMAT,
                                         (gint64) comes + fetch->size, fetch->source->bytes);
  return !transfer->problem;
}

/* curl's write callback: appends the @unit * @count bytes of @data to the .part file, adds them to fetch->size, and
 * returns their number. @user_data: the Transfer. Checks the response at its first bytes, and empties the .part file
 * if the server ignores the requested range. CURL_WRITEFUNC_ERROR ends the transfer: transfer->problem for a wrong
 * response or too many bytes, or ->error, RV_ERROR_FILE, for the disk. */
static size_t
on_data (char *data, size_t unit, size_t count, void *user_data)
{
  Transfer *transfer = user_data;
  RvFetch *fetch = transfer->fetch;
  gsize size = unit * count;
  transfer->last_us = g_get_monotonic_time ();
  if (!transfer->begun && !check_response (transfer))
    return CURL_WRITEFUNC_ERROR;
  if (fetch->size + (gint64) size > fetch->source->bytes) {
    transfer->problem = g_strdup_printf ("it sent more than %" G_GINT64_FORMAT " bytes", fetch->source->bytes);
    return CURL_WRITEFUNC_ERROR;
  }
  if (!rv__write_all (fetch->fd, data, size)) {
    rv__error_set (&transfer->error, RV_ERROR_FILE, "cannot write %s: %s", fetch->part_path, g_strerror (errno));
    return CURL_WRITEFUNC_ERROR;
  }
  fetch->size += (gint64) size;
  return size;
}

/* curl's progress callback: reports progress. Not 0 ends the transfer: transfer->silent after options.stall_s without
 * data, or transfer->error if cancelled. */
static int
on_progress (void *user_data, curl_off_t total, curl_off_t now, curl_off_t upload_total, curl_off_t upload_now)
{
  Transfer *transfer = user_data;
  double quiet_s = (double) (g_get_monotonic_time () - transfer->last_us) / G_USEC_PER_SEC;
  transfer->silent = quiet_s > transfer->fetch->options.stall_s;
  return transfer->silent || !rv__fetch_report_progress (transfer->fetch, NULL, &transfer->error);
}

/* ---- the result -------------------------------------------------------------------------------------------------- */

/* Whether another attempt may help after @result and the HTTP status @code: not after a permanent refusal or an invalid
 * URL. */
static gboolean
is_worth_another_try (CURLcode result, long code)
{
  switch (result) {
  case CURLE_HTTP_RETURNED_ERROR:
    return code >= HTTP_SERVER_ERROR || code == HTTP_TIMEOUT || code == HTTP_TOO_MANY;
  case CURLE_TOO_MANY_REDIRECTS:
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_URL_MALFORMAT:
  case CURLE_PEER_FAILED_VERIFICATION:
    return FALSE;
  default:
    return TRUE;
  }
}

/* Status of a transfer that ended with @result; @detail: curl's message or "". Takes transfer->error and ->problem.
 * *problem: NULL before; (transfer full): the reason for RETRY and UNAVAILABLE, and for ABORT if the .part file cannot
 * be emptied; else unchanged. The first HTTP status 416 (range not satisfiable) empties that file for a RETRY. ABORT
 * sets @error, to transfer->error if there is one. */
static RvTransferStatus
transfer_result (Transfer *transfer, CURLcode result, const char *detail, char **problem, GError **error)
{
  RvFetch *fetch = transfer->fetch;
  long code = 0;
  curl_easy_getinfo (transfer->curl, CURLINFO_RESPONSE_CODE, &code);
  if (transfer->error) {
    g_propagate_error (error, g_steal_pointer (&transfer->error));
    return RV_TRANSFER_ABORT;
  }
  if (transfer->problem) {
    *problem = g_steal_pointer (&transfer->problem);
    return RV_TRANSFER_UNAVAILABLE;
  }
  if (result == CURLE_OK && fetch->size == fetch->source->bytes)
    return RV_TRANSFER_COMPLETE;
  if (result == CURLE_OK)
    *problem = g_strdup_printf ("it ended after %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " bytes", fetch->size,
                                fetch->source->bytes);
  else if (transfer->silent)
    *problem = g_strdup_printf ("it sent nothing for %.0f s", fetch->options.stall_s);
  else if (result == CURLE_HTTP_RETURNED_ERROR)
    *problem = g_strdup_printf ("it answered with HTTP status %ld", code);
  else
    *problem = g_strdup (*detail ? detail : curl_easy_strerror (result));
  (*problem)[strcspn (*problem, "\r\n")] = 0;
  if (code == HTTP_RANGE_NOT_SATISFIABLE && fetch->size > 0 && !fetch->started_over) {
    fetch->started_over = TRUE; /* the .part file may be of another file; a second 416 is an error of the server */
    return rv__fetch_empty (fetch, error) ? RV_TRANSFER_RETRY : RV_TRANSFER_ABORT;
  }
  return result == CURLE_OK || is_worth_another_try (result, code) ? RV_TRANSFER_RETRY : RV_TRANSFER_UNAVAILABLE;
}

/* (nullable): file of certificates of authorities: $SSL_CERT_FILE, as for curl and OpenSSL; else, if the file of
 * libcurl itself is missing, the first of ca_bundles that exists. NULL: the file of libcurl itself. Borrowed. */
static const char *
find_ca_bundle (void)
{
  const char *built_in = curl_version_info (CURLVERSION_NOW)->cainfo, *chosen = g_getenv ("SSL_CERT_FILE");
  if (chosen && !*chosen)
    chosen = NULL;
  if (!chosen && built_in && !g_file_test (built_in, G_FILE_TEST_EXISTS))
    for (guint i = 0; !chosen && i < G_N_ELEMENTS (ca_bundles); i++)
      chosen = g_file_test (ca_bundles[i], G_FILE_TEST_EXISTS) ? ca_bundles[i] : NULL;
  return chosen;
}

RvTransferStatus
rv__transfer (RvFetch *fetch, const char *url, char **problem, GError **error)
{
  char detail[CURL_ERROR_SIZE] = "", range[32];
  const char *protocols = g_str_has_prefix (url, "https:") ? "https" : "http,https"; /* no fallback to http */
  Transfer transfer = { .fetch = fetch, .curl = curl_easy_init (), .last_us = g_get_monotonic_time () };
  CURL *curl = transfer.curl;
  const char *ca_bundle = find_ca_bundle ();
  if (!curl) {
    rv__error_set (error, RV_ERROR_MEMORY, "libcurl does not start");
    return RV_TRANSFER_ABORT;
  }
  fetch->patched = fetch->size > 0;
  g_snprintf (range, sizeof range, "%" G_GINT64_FORMAT "-", fetch->size);
  curl_easy_setopt (curl, CURLOPT_URL, url);
  curl_easy_setopt (curl, CURLOPT_USERAGENT, "reverie");
  curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt (curl, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt (curl, CURLOPT_MAXREDIRS, (long) MAX_REDIRECTS);
  curl_easy_setopt (curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT_MS, (long) (fetch->options.connect_s * 1000));
  curl_easy_setopt (curl, CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt (curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt (curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt (curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt (curl, CURLOPT_XFERINFODATA, &transfer);
  if (ca_bundle)
    curl_easy_setopt (curl, CURLOPT_CAINFO, ca_bundle);
  if (fetch->size > 0)
    curl_easy_setopt (curl, CURLOPT_RANGE, range);

  CURLcode result = curl_easy_perform (curl);
  RvTransferStatus end = transfer_result (&transfer, result, detail, problem, error);
  curl_easy_cleanup (curl);
  return end;
}
