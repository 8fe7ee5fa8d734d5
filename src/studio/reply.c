/* reply.c -- replies, with security headers. */
#include "http.h"
#include "json-text.h"
#include <reverie/error.h>
#include <string.h>
#include <unistd.h>

#define REPLY_S 600 /* time in which a client must receive a reply other than a stream */

static const char *const always[] = {
  "Content-Security-Policy",
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
  "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "X-Content-Type-Options",
  "nosniff",
  "Referrer-Policy",
  "no-referrer",
  "Cross-Origin-Resource-Policy",
  "same-origin",
  "Cross-Origin-Opener-Policy",
  "same-origin",
  NULL,
};

void
reply_header (Request *request, const char *name, const char *value)
{
  g_ptr_array_add (request->headers, g_strdup (name));
  g_ptr_array_add (request->headers, g_strdup (value));
}

void
reply_queue (Request *request, int status, struct MHD_Response *response, const char *type, gboolean cache)
{
  for (int i = 0; always[i]; i += 2)
    MHD_add_response_header (response, always[i], always[i + 1]);
  for (guint i = 0; i < request->headers->len; i += 2)
    MHD_add_response_header (response, request->headers->pdata[i], request->headers->pdata[i + 1]);
  if (type)
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
  MHD_add_response_header (response, MHD_HTTP_HEADER_CACHE_CONTROL,
                           cache ? "private, max-age=31536000, immutable" : "no-store");
  if (request->status) /* a refused client may have more to send */
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONNECTION, "close");
  request->queued = MHD_queue_response (request->connection, (unsigned int) status, response);
  MHD_destroy_response (response);
  request->peer->deadline_us = g_get_monotonic_time () + REPLY_S * G_USEC_PER_SEC;
}

void
reply_bytes (Request *request, int status, const char *type, GBytes *bytes, gboolean cache)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls (
    size, (void *) data, (GDestroyNotify) g_bytes_unref, g_bytes_ref (bytes));
  reply_queue (request, status, response, type, cache);
}

void
reply_json (Request *request, int status, GString *json)
{
  g_autoptr (GBytes) bytes = g_string_free_to_bytes (json);
  reply_bytes (request, status, "application/json", bytes, FALSE);
}

void
reply_empty (Request *request)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  reply_bytes (request, 204, NULL, nothing, FALSE);
}

void
reply_error (Request *request, int status, const char *option, const char *sentence)
{
  GString *json = g_string_new ("{");
  json_text (json, "error", sentence);
  json_text (json, "option", option);
  json_close (json, "}");
  reply_json (request, status, json);
}

/* HTTP status of @error. G_IO_ERROR: 404 NOT_FOUND, 409 BUSY, 429 WOULD_BLOCK, 503 NO_SPACE. RV_ERROR: 503 MEMORY, 500
 * BACKEND, 422 for the other codes. All else: 500. */
static int
status_of (const GError *error)
{
  if (error->domain == G_IO_ERROR)
    return error->code == G_IO_ERROR_NOT_FOUND     ? 404
           : error->code == G_IO_ERROR_BUSY        ? 409
           : error->code == G_IO_ERROR_WOULD_BLOCK ? 429
           : error->code == G_IO_ERROR_NO_SPACE    ? 503
                                                   : 500;
  if (error->domain != RV_ERROR)
    return 500;
  return error->code == RV_ERROR_MEMORY ? 503 : error->code == RV_ERROR_BACKEND ? 500 : 422;
}

void
reply_gerror (Request *request, GError *error)
{
  reply_error (request, status_of (error), error->domain == RV_ERROR ? rv_error_option (error) : NULL, error->message);
  g_error_free (error);
}

/* Parses a Range header: "bytes=0-", "bytes=100-199" or "bytes=-100". *first, *last: (out): bytes, *first may be beyond
 * the end. FALSE, both unchanged: no range, several, an invalid one, or an empty file: reply the whole file. */
static gboolean
parse_range (Request *request, guint64 size, guint64 *first, guint64 *last)
{
  const char *text = request_header (request, MHD_HTTP_HEADER_RANGE);
  g_auto (GStrv) ends =
    text && g_str_has_prefix (text, "bytes=") ? g_strsplit (text + strlen ("bytes="), "-", 3) : NULL;
  guint64 from = 0, to = G_MAXINT64;
  if (!ends || g_strv_length (ends) != 2 || (!*ends[0] && !*ends[1]) ||
      (*ends[0] && !g_ascii_string_to_unsigned (ends[0], 10, 0, G_MAXINT64, &from, NULL)) ||
      (*ends[1] && !g_ascii_string_to_unsigned (ends[1], 10, 0, G_MAXINT64, &to, NULL)) || from > to || size == 0)
    return FALSE;
  *first = *ends[0] ? from : size - MIN (to, size);
  *last = *ends[0] ? MIN (to, size - 1) : size - 1;
  return TRUE;
}

void
reply_fd (Request *request, const char *type, int fd, const char *name, gboolean cache)
{
  off_t size = lseek (fd, 0, SEEK_END);
  guint64 first = 0, last = (guint64) MAX (size, 1) - 1;
  gboolean part = size >= 0 && parse_range (request, (guint64) size, &first, &last);
  if (part && first > last) {
    close (fd);
    reply_error (request, 416, NULL, "The range is beyond the end of the file.");
    return;
  }
  guint64 length = size > 0 ? last - first + 1 : 0;
  struct MHD_Response *response = size < 0 ? NULL : MHD_create_response_from_fd_at_offset64 (length, fd, first);
  if (!response) {
    close (fd);
    reply_error (request, 500, NULL, "The picture cannot be read.");
    return;
  }
  MHD_add_response_header (response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
  if (part) {
    g_autofree char *range = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GINT64_FORMAT,
                                              first, last, (gint64) size);
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_RANGE, range);
  }
  if (name) {
    g_autofree char *escaped = g_uri_escape_string (name, NULL, FALSE);
    g_autofree char *value = g_strdup_printf ("attachment; filename*=UTF-8''%s", escaped);
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, value);
  }
  reply_queue (request, part ? 206 : 200, response, type, cache);
}
