using GpuScheduler.LoadTest.Http;

namespace GpuScheduler.LoadTest.Bodies;

/// <summary>
/// Pods as kube-scheduler sends them to an extender: the whole object without <c>managedFields</c>, with the token volume and the
/// tolerations that every pod of a cluster gets. Four shapes in turn, as a mixed cluster would ask: one GPU, a whole machine of eight, a
/// share of a GPU, and no GPU.
/// </summary>
internal static class PodShapes
{
    /// <summary>The GPU part of <c>resources</c> of each shape.</summary>
    public static IReadOnlyList<(string Name, string Resources)> All { get; } =
    [
        ("one GPU", Limits("12", "96Gi", "\"nvidia.com/gpu\":\"1\"")),
        ("eight GPUs", Limits("96", "768Gi", "\"nvidia.com/gpu\":\"8\"")),
        ("half a GPU", Limits("4", "24Gi", "\"gpu-scheduler.io/gpu-milli\":\"500\"")),
        ("no GPU", Limits("2", "4Gi", "")),
    ];

    /// <summary>Asks for so little that it always fits, and holds no GPU: what load is made of that only has to move numbers.</summary>
    public static string Tiny { get; } = """{"requests":{"cpu":"1m","memory":"1Mi"}}""";

    /// <summary>Fits nowhere.</summary>
    public static string Huge { get; } = """{"requests":{"cpu":"1M"}}""";

    /// <summary>A pod with the number's place in its name and UID.</summary>
    public static string Pod(string resources) =>
        $$$"""
           {"metadata":{"name":"load-{{{RequestTemplate.NumberMark}}}","namespace":"benchmarks","uid":"0badcafe-0000-4000-8000-0000{{{RequestTemplate.NumberMark}}}","resourceVersion":"48151623","generation":1,"creationTimestamp":"2026-01-02T03:04:05Z","labels":{"app.kubernetes.io/name":"load","app.kubernetes.io/part-of":"benchmarks"}},"spec":{"volumes":[{"name":"kube-api-access-x2v9q","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},{"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],"defaultMode":420}}],"containers":[{"name":"main","image":"registry.example/train:1","command":["python","train.py"],"env":[{"name":"NCCL_DEBUG","value":"WARN"}],"resources":{{{resources}}},"volumeMounts":[{"name":"kube-api-access-x2v9q","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Never","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default","serviceAccount":"default","securityContext":{},"schedulerName":"gpu-scheduler","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"},"status":{"phase":"Pending","qosClass":"Burstable"}}
           """;

    private static string Limits(string cpu, string memory, string gpu) => gpu.Length == 0
        ? $$$"""{"requests":{"cpu":"{{{cpu}}}","memory":"{{{memory}}}"}}"""
        : $$$"""{"limits":{{{{gpu}}}},"requests":{"cpu":"{{{cpu}}}","memory":"{{{memory}}}",{{{gpu}}}}}""";
}
