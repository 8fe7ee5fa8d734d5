/* guard.c -- access rules. Host names are compared as a whole: 127.0.0.1.evil.com is not this machine. */
#include "guard.h"
#include <gio/gio.h>
#include <string.h>
#include <sys/random.h>

#define MAX_JSON_BYTES (1 << 20)

/* ---- hosts ------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the name or address in @host, "NAME:PORT", without brackets. NULL: another port than
 * @port, or a missing bracket. A missing port counts as 80. */
static char *
host_name (const char *host, int port)
{
  const char *colon = *host == '[' ? strchr (host, ']') : strchr (host, ':');
  if (*host == '[' && !colon)
    return NULL;
  const char *end = *host == '[' ? colon + 1 : colon ? colon : host + strlen (host);
  g_autofree char *wanted = g_strdup_printf (":%d", port);
  if (*end ? strcmp (end, wanted) != 0 : port != 80)
    return NULL;
  return *host == '[' ? g_strndup (host + 1, (gsize) (colon - host - 1)) : g_strndup (host, (gsize) (end - host));
}

/* Whether @host (nullable), a Host header, names the studio: a loopback address in canonical form (not 0x7f, not
 * 127.1), "localhost" or AccessConfig.address, with its port. */
static gboolean
is_own_host (const char *host, const AccessConfig *config)
{
  g_autofree char *name = host ? host_name (host, config->port) : NULL;
  g_autoptr (GInetAddress) address = name ? g_inet_address_new_from_string (name) : NULL;
  g_autofree char *written = address ? g_inet_address_to_string (address) : NULL;
  gboolean is_loopback = address && g_inet_address_get_is_loopback (address) && strcmp (written, name) == 0;
  return name && (g_ascii_strcasecmp (name, "localhost") == 0 || is_loopback ||
                  (config->address && g_ascii_strcasecmp (name, config->address) == 0));
}

/* Whether @origin, an Origin header, is the studio: http:// and @host, the Host header. https (a proxy adds TLS) is
 * accepted with --listen only. */
static gboolean
is_own_origin (const char *origin, const char *host, const AccessConfig *config)
{
  const char *rest = g_str_has_prefix (origin, "http://")                       ? origin + strlen ("http://")
                     : config->address && g_str_has_prefix (origin, "https://") ? origin + strlen ("https://")
                                                                                : NULL;
  return rest && g_ascii_strcasecmp (rest, host) == 0;
}

/* ---- token ------------------------------------------------------------------------------------------------------- */

gboolean
guard_is_token (const char *text)
{
  return strspn (text, "0123456789abcdef") == TOKEN_LENGTH && !text[TOKEN_LENGTH];
}

gboolean
guard_new_token (char *token)
{
  guint8 bytes[TOKEN_LENGTH / 2];
  gboolean ok = getrandom (bytes, sizeof bytes, 0) == sizeof bytes;
  for (guint i = 0; i < sizeof bytes; i++)
    g_snprintf (token + 2 * i, 3, "%02x", ok ? bytes[i] : (guint8) g_random_int ());
  return ok;
}

/* Whether @a of @length bytes is @token, compared in constant time. */
static gboolean
same_token (const char *a, gsize length, const char *token)
{
  int differs = length != TOKEN_LENGTH;
  for (gsize i = 0; i < TOKEN_LENGTH; i++)
    differs |= (i < length ? a[i] : 0) ^ token[i];
  return !differs;
}

/* (nullable): the text after @scheme in the authorization. Borrowed. NULL: no authorization, or another scheme. */
static const char *
credentials (const Head *head, const char *scheme)
{
  gboolean is = head->authorization && g_ascii_strncasecmp (head->authorization, scheme, strlen (scheme)) == 0;
  return is ? head->authorization + strlen (scheme) : NULL;
}

gboolean
guard_token (const Head *head, const AccessConfig *config)
{
  const char *token = credentials (head, "Bearer ");
  if (token)
    return same_token (token, strlen (token), config->token);
  /* Cookies ignore ports, so the cookie's name contains the port. */
  g_autofree char *name = g_strdup_printf ("reverie-%d=", config->port);
  g_auto (GStrv) parts = g_strsplit (head->cookie ? head->cookie : "", ";", -1);
  gboolean shows = FALSE;
  for (int i = 0; parts[i]; i++) {
    const char *part = g_strstrip (parts[i]);
    if (g_str_has_prefix (part, name))
      shows |= same_token (part + strlen (name), strlen (part) - strlen (name), config->token);
  }
  return shows;
}

gboolean
guard_code (const Head *head, const char *code)
{
  const char *given = credentials (head, "Code ");
  return given && same_token (given, strlen (given), code);
}

/* ---- request ----------------------------------------------------------------------------------------------------- */

/* Sets *why to @sentence (static). Returns @status. */
static int
refuse (int status, const char *sentence, const char **why)
{
  *why = sentence;
  return status;
}

gint64
guard_length (const Head *head)
{
  guint64 length;
  gboolean known = head->n_lengths == 1 && g_ascii_string_to_unsigned (head->length, 10, 0, G_MAXINT64, &length, NULL);
  return known ? (gint64) length : -1;
}

int
guard_access (const Head *head, const AccessConfig *config, const char **why)
{
  if (head->n_hosts != 1 || !is_own_host (head->host, config))
    return refuse (403, "Unknown host name. Open the studio with the address that it printed.", why);
  if (head->origin && !is_own_origin (head->origin, head->host, config))
    return refuse (403, "Requests from other sites are rejected.", why);
  return 0;
}

/* Type and errors of each BodyType. Limits are in AccessConfig. */
static const struct {
  const char *type, *wrong, *too_large;
} bodies[] = {
  [BODY_JSON] = { "application/json", "Content-Type must be application/json.",
                  "The request is too large: the maximum is 1 MB." },
  [BODY_PICTURE] = { "application/octet-stream", "Content-Type must be application/octet-stream.",
                     "The file is too large; --max-upload sets the maximum." },
  [BODY_LARGE] = { "application/octet-stream", "Content-Type must be application/octet-stream.",
                   "The file is too large; --max-video sets the maximum." },
};

int
guard_check (const Head *head, const AccessConfig *config, const RouteRules *rules, const char **why)
{
  if (!rules->open && !guard_token (head, config))
    return refuse (401, GUARD_LOCKED, why);
  if (rules->changes && g_strcmp0 (head->marker, "1") != 0)
    return refuse (403, "Requests that change something need the header X-Reverie: 1.", why);
  if (rules->changes && head->n_arguments > 0)
    return refuse (422, "Requests that change something take JSON, no query after '?'.", why);
  BodyType body = rules->body;
  gint64 length = guard_length (head);
  const gint64 most[] = { 0, MAX_JSON_BYTES, config->max_bytes, config->max_large_bytes };
  if (body == BODY_NONE)
    return length > 0 ? refuse (413, "This request takes no body.", why) : 0;
  const char *wanted = bodies[body].type, *type = head->type; /* may have parameters: "...; charset=utf-8" */
  gsize n = strlen (wanted);
  if (!type || g_ascii_strncasecmp (type, wanted, n) != 0 || (type[n] && !strchr ("; ", type[n])))
    return refuse (415, bodies[body].wrong, why);
  gboolean nothing = body == BODY_JSON && head->n_lengths == 0 && !head->coding;
  if (length < 0 && !nothing)
    return refuse (411, "The request needs one Content-Length.", why);
  return length > most[body] ? refuse (413, bodies[body].too_large, why) : 0;
}

/* ---- paths ------------------------------------------------------------------------------------------------------- */

gboolean
guard_path (const char *pattern, const char *path, char *id)
{
  if (strcmp (pattern, "/**") == 0)
    return !g_str_has_prefix (path, "/api/");
  const char *star = strchr (pattern, '*');
  gsize before = star ? (gsize) (star - pattern) : strlen (pattern);
  if (strncmp (pattern, path, before) != 0)
    return FALSE;
  if (!star)
    return path[before] == 0;
  path += before;
  if (strspn (path, "0123456789abcdef") != TOKEN_LENGTH || strcmp (path + TOKEN_LENGTH, star + 1) != 0)
    return FALSE;
  memcpy (id, path, TOKEN_LENGTH);
  id[TOKEN_LENGTH] = 0;
  return TRUE;
}
