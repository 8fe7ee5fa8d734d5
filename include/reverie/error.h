/* error.h -- error codes. Layer 0 (base). The function that detects an error writes the message: the fault and what to
 * do. Its callers only propagate it. */
#ifndef RV_ERROR_H
#define RV_ERROR_H

#include <glib.h>
#include <reverie/version.h>
G_BEGIN_DECLS

#define RV_ERROR (rv_error_quark ())

/** RvError: code of a #GError, for programs. The message, for people, says what to do. */
typedef enum {
  RV_ERROR_SETTING,   /* a setting out of its range, an unknown name: visible from the settings alone */
  RV_ERROR_FILE,      /* a file cannot be opened, read or written */
  RV_ERROR_FORMAT,    /* a file is damaged, or not what its reader expects */
  RV_ERROR_SHAPE,     /* sizes that do not match, a picture too small or too large */
  RV_ERROR_TYPE,      /* a tensor of the wrong element type */
  RV_ERROR_MEMORY,    /* an allocation failed, or would exceed the memory */
  RV_ERROR_NUMBER,    /* a loss or gradient became NaN or infinite */
  RV_ERROR_CANCELLED, /* cancelled by a GCancellable, or by a callback before there was a result */
  RV_ERROR_BACKEND,   /* a compute library failed */
} RvError;

/** rv_error_quark: the error domain of every #GError of this library. Can't fail. Since: 0.1 */
RV_API GQuark rv_error_quark (void);

/** rv_error_option: (nullable): name of the first option of rv_error_options(): the one that caused the error, as
 * rv_settings_set() takes it. "size" stands for the size of the picture, even if no settings have it. NULL without an
 * option, for NULL, and for errors of other domains. Borrowed from @error. Since: 0.1 */
RV_API const char *rv_error_option (const GError *error);
/** rv_error_options: all options that the message of @error (nullable) names in single quotes, in its order, such as an
 * option to lower; NULL-terminated. Empty, never NULL, if there are none, and for errors of other domains. Borrowed
 * from @error. Since: 0.1 */
RV_API const char *const *rv_error_options (const GError *error);

/** RvStopFunc: polled often by long calls, on the calling thread. TRUE stops the call as soon as possible.
 * Since: 0.1 */
typedef gboolean (*RvStopFunc) (gpointer user_data);

G_END_DECLS
#endif
