import Foundation
import Glibc

/// What holds for the whole process, whatever the command.
public enum ProcessRules {
    /// To be called before anything is opened.
    public static func apply() {
        // Files are this user's alone, also those that libraries and tools make.
        umask(0o077)
        // Whoever reads from us may go; writing says so then.
        signal(SIGPIPE, SIG_IGN)
        occupyStandardDescriptors()
    }

    /// Who was started with these closed would open the database under the log's number.
    private static func occupyStandardDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // The least number that is free is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Lets the process open as many files and connections as the system allows it at all.
    public static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(descriptors, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(descriptors, &limit)
    }

    /// How many files and connections the process may have open at a time.
    static var descriptorLimit: Int {
        var limit = rlimit()
        guard getrlimit(descriptors, &limit) == 0 else { return 1024 }
        return Int(min(limit.rlim_cur, rlim_t(Int32.max)))
    }

    private static var descriptors: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
