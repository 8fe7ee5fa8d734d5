; installed.scm -- the plug-in as a package installs it: a picture painted.
(let ((image (open-picture "lake.jpg")))
  (learned image "" "{\"with\": \"hokusai-wave\"}")
  (save-picture image "gimp.png"))
