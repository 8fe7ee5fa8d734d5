/* guard.h -- access rules, as functions of a request's head. Layer 8 (studio). */
#pragma once

#include <glib.h>

#define TOKEN_LENGTH 32 /* hexadecimal digits: 128 bits; also of ids */
#define GUARD_LOCKED "Open the studio with the complete address that it printed, including the part after #."

/* Head of a request. Texts are borrowed, and NULL if missing. */
typedef struct {
  const char *method, *path; /* without the query */
  /* headers; marker: X-Reverie; type, length: Content-Type and Content-Length; coding: Transfer-Encoding */
  const char *host, *origin, *cookie, *authorization, *marker, *type, *length, *coding;
  int n_hosts, n_lengths, n_arguments; /* Host and Content-Length headers; arguments in the query */
} Head;

/* Address, token and limits of the studio. */
typedef struct {
  int port;
  const char *address; /* from --listen, in canonical form; NULL: loopback only */
  const char *token;
  gint64 max_bytes, max_large_bytes; /* limits for an uploaded picture, and for a video or network */
  int folder;                        /* for large uploads; -1: the temporary folder, or memory */
} AccessConfig;

/* Body that a route requires. BODY_NONE: for methods that HTML forms cannot send. */
typedef enum { BODY_NONE, BODY_JSON, BODY_PICTURE, BODY_LARGE } BodyType;
/* Requirements of a route. */
typedef struct {
  gboolean open;    /* needs no token: the page itself */
  gboolean changes; /* needs the header X-Reverie, which forms of other sites cannot send */
  BodyType body;
} RouteRules;

/* Whether @text is a token or an id by its form: TOKEN_LENGTH hexadecimal digits, lower-case. */
gboolean guard_is_token (const char *text);
/* @token: (out): TOKEN_LENGTH random digits and a 0. FALSE: the digits are not from the kernel: good enough for an id,
 * but not for a token. */
gboolean guard_new_token (char *token);
/* Whether the request has the token: in its authorization "Bearer ", or without that in its cookie. */
gboolean guard_token (const Head *head, const AccessConfig *config);

/* Whether the authorization is "Code " followed by @code (TOKEN_LENGTH digits). */
gboolean guard_code (const Head *head, const char *code);

/* Checks host and origin. Returns 0, or the HTTP status of a refusal. *why: (out) (static): its reason, unset for 0. */
int guard_access (const Head *head, const AccessConfig *config, const char **why);
/* Checks token, marker, query and the headers of the body by @rules, after guard_access(). Returns 0, or the HTTP
 * status of a refusal. *why: (out) (static): its reason, unset for 0. */
int guard_check (const Head *head, const AccessConfig *config, const RouteRules *rules, const char **why);

/* Content-Length in bytes; -1: missing, repeated or no number. */
gint64 guard_length (const Head *head);

/* Whether @path matches a route. "*" matches 32 hexadecimal digits, copied to @id (33 bytes); else @id is unchanged.
 * "/" and two stars match every path that does not begin with "/api/". */
gboolean guard_path (const char *pattern, const char *path, char *id);
