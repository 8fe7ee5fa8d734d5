/* models.h -- networks: which are here, and getting and checking them, one at a time, on a thread of its own.
 * Layer 8 (studio). */
#ifndef STUDIO_MODELS_H
#define STUDIO_MODELS_H

#include <gio/gio.h>

typedef struct _Models Models;

/* models_free: what is under way is stopped; what has come of a download stays for the next time. */
Models *models_new (void);
void models_free (Models *models);

/* models_get: downloads the network of that name, and reads it. models_check: reads the file that is here, whose
 * hashes, where it is a published one, are compared. Both begin and return. G_IO_ERROR_NOT_FOUND: no such network, or
 * it is not here; G_IO_ERROR_BUSY: another is under way. models_stop: ends what is. */
gboolean models_get (Models *models, const char *name, GError **error);
gboolean models_check (Models *models, const char *name, GError **error);
void models_stop (Models *models);

/* models_json: a list of all of them, and how far the one is that is under way. */
void models_json (Models *models, GString *json, const char *name);

#endif
