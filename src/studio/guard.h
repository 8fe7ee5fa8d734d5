/* guard.h -- who may ask for what: the rules that a request meets before anything is done for it, as functions of its
 * head alone.
 * Layer 8 (studio). */
#ifndef STUDIO_GUARD_H
#define STUDIO_GUARD_H

#include <glib.h>

#define TOKEN_LENGTH 32 /* hexadecimal digits: 128 bits */
#define GUARD_LOCKED "The studio must be opened by the address that it printed, with all that follows #."

/* What a request's head says. Texts are NULL where it says nothing. */
typedef struct {
  const char *method, *path; /* the path without its query */
  const char *host, *origin, *cookie, *authorization, *marker, *type, *length, *coding;
  int n_hosts, n_lengths, n_arguments; /* arguments: after "?" */
} Head;

/* What the studio is: where it listens, and what opens it. */
typedef struct {
  int port;
  const char *address; /* of --listen; NULL: this machine alone */
  const char *token;
  gint64 most_bytes, most_film_bytes; /* of a picture, of a film, that is sent */
  int folder;                         /* where films are kept while they come; -1: where there is room for such */
} Door;

/* What a route wants of a request. */
typedef enum { BODY_NONE, BODY_JSON, BODY_PICTURE, BODY_FILM } BodyType; /* none: for methods that no form has */
typedef struct {
  gboolean open;    /* to anybody who may reach the studio: the page itself */
  gboolean changes; /* something: not for other sites' forms */
  BodyType body;
} Wanted;

/* guard_host: whether it is one of ours: a literal of this machine, "localhost" or the address, and our port. */
gboolean guard_host (const char *host, const Door *door);
/* guard_token: whether a cookie or an authorization shows the token. */
gboolean guard_token (const Head *head, const Door *door);

/* guard_code: whether an authorization, "Code " and TOKEN_LENGTH digits, shows @code. */
gboolean guard_code (const Head *head, const char *code);

/* guard_door: what is looked at before the path: 0, or the status to refuse with. guard_check: the rest of it, for a
 * route. @why gets a sentence (static). */
int guard_door (const Head *head, const Door *door, const char **why);
int guard_check (const Head *head, const Door *door, const Wanted *wanted, const char **why);

/* guard_length: the bytes that are announced, or -1. */
gint64 guard_length (const Head *head);

/* guard_path: whether @path is that of a row, "*" standing for 32 hexadecimal digits, which @id (33 bytes) gets; all
 * that is not of the API is that of "/" and two stars. */
gboolean guard_path (const char *pattern, const char *path, char *id);

#endif
