/* studio.h -- the studio: Reverie in a browser, on this machine only unless --listen is given.
 * Layer 8 (studio): public headers only. Never prints, exits or handles signals: `reverie studio` does. */
#pragma once

#include <glib.h>

typedef struct {
  const char *folder;     /* folder of pictures; created if missing */
  const char *listen;     /* address of this machine for others; NULL: 127.0.0.1 and ::1 only */
  int port;               /* first port to try */
  gint64 max_bytes;       /* limit of an uploaded picture */
  gint64 max_large_bytes; /* limit of an uploaded video or network */
} StudioOptions;

typedef struct _Studio Studio;

/* (transfer full) (nullable): listens, and resumes the tasks of an earlier run, on the default main context. *address:
 * (out) (transfer full): NULL, except if a studio already uses the folder: its address, NULL if unknown; the result is
 * then NULL without an error. Errors: G_IO_ERROR codes for the folder; RV_ERROR_SETTING for options->listen;
 * G_IO_ERROR_FAILED: no free port or no random numbers; G_FILE_ERROR for the address file. */
Studio *studio_new (const StudioOptions *options, char **address, GError **error);
/* The address with the token, borrowed. The file .studio/address in the folder contains it, too; only the user can read
 * that file. */
const char *studio_address (const Studio *studio);
/* (transfer full): @address, from studio_address() or studio_new(), with a code instead of the token. The code opens
 * the page of the studio of @folder once, within a minute. It is for a browser's command line, which other users may
 * see. The previous code becomes invalid. If the code cannot be made or written, the address has neither: the browser
 * then needs the cookie. */
char *studio_address_once (const char *folder, const char *address);
/* Deletes the address file; stops the running job, which writes its checkpoint, then downloads and server; frees
 * @studio (nullable). Runs the default main context. */
void studio_free (Studio *studio);
