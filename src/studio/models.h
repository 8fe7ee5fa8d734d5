/* models.h -- lists networks; downloads and checks them one at a time, on its own thread.
 * Layer 8 (studio). */
#ifndef STUDIO_MODELS_H
#define STUDIO_MODELS_H

#include <gio/gio.h>

typedef struct _Models Models;

Models *models_new (void);
/* Stops current work; a partial download stays for the next time. */
void models_free (Models *models);

/* Starts the download and check of a network. G_IO_ERROR_NOT_FOUND: unknown network; G_IO_ERROR_BUSY: other work is in
 * progress. */
gboolean models_get (Models *models, const char *name, GError **error);
/* Starts the check of a file that is here: its hash if it is published. Errors as models_get(). */
gboolean models_check (Models *models, const char *name, GError **error);
void models_stop (Models *models);

/* Adds a list of all networks, with progress of current work. */
void models_json (Models *models, GString *json, const char *name);

#endif
